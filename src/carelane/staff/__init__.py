"""Staff: the people of a clinic who look at cases.

Roles are ADMIN, CASEMANAGER, CASEWORKER (the clinician) and SUPPORT. A member is active until `deactivated_at`; an active
CASEWORKER who takes cases is in the rota, from which the organization's assignment policy picks: `round_robin` the one who
has waited longest, `least_loaded` the one with the fewest cases in hand, `none` nobody. Only the worker picks; storefronts
see a member's name and title in the case. How members sign in is `sessions/`; what each role may do is `permissions.py`.
"""
