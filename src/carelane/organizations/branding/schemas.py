"""What branding says, by the names that storefronts ask for it by."""

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, field

MAX_FAQ = 200
MAX_TESTIMONIALS = 200

LinkName = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{1,62}$(?!\n)")]
Line = Annotated[str, Meta(max_length=500)] | None
Text = Annotated[str, Meta(max_length=10_000)] | None
# Storefronts put it into `href`: no scheme that runs a script.
Link = Annotated[str, Meta(pattern=r"^(https?://|/|mailto:|tel:)\S*$(?!\n)", max_length=2_000)] | None
Color = Annotated[str, Meta(pattern=r"^[#A-Za-z0-9(),.%/ -]{1,64}$(?!\n)")] | None
# Read as text, so that 99.99 stays exact.
Amount = (
    Annotated[str, Meta(pattern=r"^[0-9]{1,8}(\.[0-9]{1,2})?$(?!\n)")]
    | Annotated[int, Meta(ge=0, le=99_999_999)]
    | None
)
Flag = bool


class _Saying(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Unknown keys are refused: a misspelled one would be lost silently."""


class FaqEntryIn(_Saying, frozen=True):
    question: Annotated[str, Meta(min_length=1, max_length=500)]
    answer: Annotated[str, Meta(min_length=1, max_length=10_000)]


class TestimonialIn(_Saying, frozen=True):
    """What a customer said, as the clinic publishes it with the customer's consent."""

    customer_name: Annotated[str, Meta(min_length=1, max_length=200)]
    content: Annotated[str, Meta(min_length=1, max_length=10_000)]
    rating: Annotated[int, Meta(ge=1, le=5)]
    created_at: date
    title: Line = None
    is_verified: bool = False


class Look(_Saying, frozen=True):
    """Everything but what names other records."""

    # ---- what it is called, and what it can do
    tagline: Line = None
    monthly_cost: Amount = None
    organization_domain_name: Line = None
    contact_email: Annotated[str, Meta(pattern=r"^[^@\s]+@[^@\s]+$(?!\n)", max_length=254)] | None = None
    contact_phone: Line = None
    is_partner: Flag = True
    allow_self_signup: Flag = True
    enable_self_signup_payment: Flag = False
    referral_code_enabled: Flag = False
    show_carousel_prices: Flag = True
    show_testimonials: Flag = True
    show_logos: Flag = True
    show_gdpr_logo: Flag = field(default=False, name="showGDPRLogo")
    show_product_categories_in_landing_page: Flag = False
    hide_see_if_qualify_btn: Flag = False
    use_modal_for_signup: Flag = False
    add_home_link_to_header: Flag = False
    self_sign_up_profile_fields: Annotated[list[Annotated[str, Meta(max_length=100)]], Meta(max_length=50)] = []
    self_sign_up_sms_notifications_required: Flag = False
    auto_create_user_promo_codes: Flag = False
    master_user_promo_code_id: Line = None
    payment_provider: Literal["Stripe", "NMI"] | None = None
    nmi_collect_js_public_key: Line = None
    enable_legit_script_logo: Flag = False
    legit_script_integration_id: Line = None
    # ---- links
    organization_domain_link: Link = None
    home_link: Link = None
    home_link_name: Line = None
    members_area_link: Link = None
    order_status_link: Link = None
    instructions_link: Link = None
    support_link: Link = None
    video_link: Link = None
    affiliate_link: Link = None
    terms_of_services_link: Link = None
    privacy_policy_link: Link = None
    fulfillment_policy_link: Link = None
    jotform_link: Link = None
    medical_consent_link: Link = None
    for_california_residents_link: Link = None
    bill_of_rights_link: Link = None
    # ---- texts of the pages
    primary_medication_title_text: Text = None
    primary_medication_subtitle1_text: Text = None
    primary_medication_subtitle2_text: Text = None
    secondary_medication_title_text: Text = None
    secondary_medication_body_text: Text = None
    see_if_i_qualify_button_text: Line = None
    journey_title_text: Text = None
    journey_item1_title_text: Text = None
    journey_item1_subtitle_text: Text = None
    journey_item2_title_text: Text = None
    journey_item2_subtitle_text: Text = None
    journey_item3_title_text: Text = None
    journey_item3_subtitle_text: Text = None
    product_payment_label_text: Text = None
    signup_success_message_text: Text = None
    payment_success_message_text: Text = None
    attach_payment_info_success_text: Text = None
    form_header_text: Text = None
    # ---- colors
    color_primary: Color = None
    color_faq_gradient_bottom: Color = None
    primary_medication_large_title_text_color: Color = None
    primary_medication_title_text_color: Color = None
    primary_medication_subtitle1_text_color: Color = None
    primary_medication_subtitle2_text_color: Color = None
    see_if_i_qualify_button_text_color: Color = None
    see_if_i_qualify_button_color: Color = None
    journey_heading_text_color: Color = None
    journey_item1_title_text_color: Color = None
    journey_item1_subtitle_text_color: Color = None
    journey_item2_title_text_color: Color = None
    journey_item2_subtitle_text_color: Color = None
    journey_item3_title_text_color: Color = None
    journey_item3_subtitle_text_color: Color = None
    secondary_medication_title_text_color: Color = None
    secondary_medication_main_body_text_color: Color = None
    secondary_medication_body_text_color: Color = None
    product_payment_label_text_color: Color = None
    signup_success_message_text_color: Color = None
    payment_success_message_text_color: Color = None
    logos_heading_text_color: Color = None
    logos_color: Color = None
    faq_title_text_color: Color = None
    faq_body_text_color: Color = None
    compliance_logos_title_text_color: Color = None
    header_links_text_color: Color = None
    footer_links_text_color: Color = None
    copyright_text_color: Color = None
    legal_links_text_color: Color = None
    carousel_product_text_color: Color = None
    product_categories_color: Color = None
    form_header_color: Color = None
    # ---- the page where patients sign in
    login_customize_enabled: Flag = False
    login_title: Text = None
    login_subtitle: Text = None
    login_image_position: Line = None
    login_accent_color: Color = None
    # ---- what is asked and said
    faq: Annotated[list[FaqEntryIn], Meta(max_length=MAX_FAQ)] = []
    testimonials: Annotated[list[TestimonialIn], Meta(max_length=MAX_TESTIMONIALS)] = []
