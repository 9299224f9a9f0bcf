"""Asking GraphQL as clients do, and what they ask."""

from typing import Any

from tests.contract import CheckedClient

PATH = "/graphql/"

_QUESTIONS = """questions { hint id isPHI options placeholder required text type renderMode index
  condition { questionIndex response __typename } document { id fileName isGlobal __typename } __typename }"""
_BUNDLE = """{ id name description price priceUnit initialDiscount imageUrl linkName
  products { name imageUrl categories { id name __typename } __typename }
  formVersion { forms { id versionId name isActive questions { id text __typename } showStepsIndividually __typename } __typename }
  tag isSoldOut soldOutListText soldOutListColor soldOutModalText soldOutModalColor __typename }"""
# All that published storefronts select of the branding.
PLAIN = """id organizationId linkName monthlyCost tagline allowSelfSignup enableSelfSignupPayment referralCodeEnabled
  showCarouselPrices showTestimonials organizationDomainName organizationDomainLink homeLink enableLegitScriptLogo
  legitScriptIntegrationId membersAreaLink orderStatusLink instructionsLink supportLink videoLink affiliateLink contactEmail
  contactPhone termsOfServicesLink privacyPolicyLink fulfillmentPolicyLink jotformLink organizationName medicalConsentLink
  forCaliforniaResidentsLink billOfRightsLink colorPrimary colorFaqGradientBottom primaryMedicationTitleText
  primaryMedicationLargeTitleTextColor primaryMedicationTitleTextColor primaryMedicationSubtitle1Text
  primaryMedicationSubtitle1TextColor primaryMedicationSubtitle2Text primaryMedicationSubtitle2TextColor
  seeIfIQualifyButtonText seeIfIQualifyButtonTextColor seeIfIQualifyButtonColor journeyHeadingTextColor
  journeyItem1TitleText journeyItem1TitleTextColor journeyItem1SubtitleText journeyItem1SubtitleTextColor
  journeyItem2TitleText journeyItem2TitleTextColor journeyItem2SubtitleText journeyItem2SubtitleTextColor
  journeyItem3TitleText journeyItem3TitleTextColor journeyItem3SubtitleText journeyItem3SubtitleTextColor
  secondaryMedicationTitleText secondaryMedicationTitleTextColor secondaryMedicationBodyText
  secondaryMedicationMainBodyTextColor secondaryMedicationBodyTextColor productPaymentLabelText
  productPaymentLabelTextColor signupSuccessMessageText signupSuccessMessageTextColor paymentSuccessMessageText
  paymentSuccessMessageTextColor attachPaymentInfoSuccessText logosHeadingTextColor logosColor faqTitleTextColor
  faqBodyTextColor complianceLogosTitleTextColor headerLinksTextColor footerLinksTextColor copyrightTextColor
  legalLinksTextColor carouselProductTextColor productCategoriesColor addHomeLinkToHeader homeLinkName showLogos
  selfSignUpProfileFields selfSignUpSmsNotificationsRequired hideSeeIfQualifyBtn journeyTitleText useModalForSignup
  formHeaderColor formHeaderText showProductCategoriesInLandingPage showGDPRLogo autoCreateUserPromoCodes
  masterUserPromoCodeId paymentProvider nmiCollectJsPublicKey loginCustomizeEnabled loginTitle loginSubtitle
  loginImagePosition loginAccentColor isPartner"""
EVERYTHING = f"""query OrganizationPartnerIntegrationPublicInfo($linkName: String) {{
  organizationPartnerIntegrationPublicInfo(linkName: $linkName) {{
    {PLAIN}
    form {{ description id isActive name organization {{ id __typename }} {_QUESTIONS}
      versionId versionNumber showStepsIndividually __typename }}
    faq {{ id question answer index __typename }}
    productBundles {_BUNDLE}
    defaultProductBundle {_BUNDLE}
    visiblePromoCodes {{ name label description __typename }}
    analyticsPromoCodes {{ name label description __typename }}
    __typename
  }}
}}"""
TESTIMONIALS = """query GetReviews($linkName: String) { organizationPublicTestimonials(linkName: $linkName) {
  id rating customerName title content createdAt isVerified } }"""
CASE = """query CaseById($caseId: String) { caseById(caseId: $caseId) {
  id shortId status type title closedAt isArchived archiveReason archiveNote productBundle { name }
  submitter { firstName lastName fullName email phoneNumber } } }"""
TREATMENTS = """query CaseTreatments($caseId: String!) { caseTreatments(caseId: $caseId) {
  id status organizationProduct { id name } subscription { interval intervalCount } } }"""
CASES = """query Cases($limit: Int! = 20, $after: String) { cases(limit: $limit, after: $after) { hasMore cursor data {
  id shortId submitter { fullName email } caseProducts { id status organizationProduct { name }
  caseProductRequests { status } } } } }"""
ORGANIZATIONS = """query AllOrganizationsQuery { allOrganizations {
  id name contactEmail isPartner partnerIntegrationInfoId caseCategories { id name __typename } __typename } }"""
BRAND = """query OrganizationBrandInfo($organizationId: String) { organizationBrandInfo(organizationId: $organizationId) {
  id name isPartner partnerIntegrationInfoId partnerIntegrationInfo { linkName __typename } __typename } }"""


async def ask(
    client: CheckedClient, query: str, headers: dict[str, str] | None = None, **variables: Any
) -> dict[str, Any]:
    """The body of the answer to a request that is GraphQL."""
    answer = await client.post(PATH, json={"query": query, "variables": variables}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def data_of(
    client: CheckedClient, query: str, headers: dict[str, str] | None = None, **variables: Any
) -> dict[str, Any]:
    """What a query without fault is answered."""
    body = await ask(client, query, headers, **variables)
    assert "errors" not in body, body
    return body["data"]


async def code_of(client: CheckedClient, query: str, headers: dict[str, str] | None = None, **variables: Any) -> str:
    """The code of the one error; nothing may be answered beside it."""
    body = await ask(client, query, headers, **variables)
    assert not any((body.get("data") or {}).values()), body
    [error] = body["errors"]
    return error["extensions"]["code"]
