"""For what, on which law and to whom outside the trust records may be disclosed, held or erased.

Knows the codes and their sources. Never knows who asked.
"""

from __future__ import annotations

from collections.abc import Mapping

DISCLOSURE_PURPOSES: Mapping[str, str] = {
    "SAFEGUARDING": "a safeguarding enquiry (Care Act 2014 s. 42)",
    "SUBJECT_ACCESS": "the person's own request (UK GDPR Art. 15)",
    "COMPLAINT": "a complaint or claim is looked into",
    "COURT_ORDER": "a court has ordered it",
    "AUDIT_FINDING": "an audit finding can be followed up in no other way",
}
ERASURE_PURPOSES: Mapping[str, str] = {
    "RETENTION_EXPIRED": "the time of keeping is over (Records Management Code 2021)",
    "WRONG_PERSON": "it was recorded of somebody who was never supported",
    "MISDIRECTED": "the data came here by mistake",
    "ERASURE_REQUEST": "the person's request was granted (UK GDPR Art. 17)",
}
LEGAL_BASES: Mapping[str, str] = {
    "GDPR_6_1_C": "UK GDPR Art. 6(1)(c), legal obligation",
    "GDPR_6_1_D": "UK GDPR Art. 6(1)(d), vital interests",
    "GDPR_6_1_E": "UK GDPR Art. 6(1)(e), public task",
    "GDPR_9_2_C": "UK GDPR Art. 9(2)(c), vital interests",
    "GDPR_9_2_F": "UK GDPR Art. 9(2)(f), legal claims",
    "GDPR_9_2_H": "UK GDPR Art. 9(2)(h), health and social care",
    "GDPR_17_1": "UK GDPR Art. 17(1), right to erasure",
    "GDPR_5_1_E": "UK GDPR Art. 5(1)(e), kept no longer than necessary",
    "DPA_2018_SCH_1": "Data Protection Act 2018, schedule 1",
}
RECIPIENTS: Mapping[str, str] = {
    "PERSON": "the person themself",
    "REPRESENTATIVE": "somebody who acts for the person by law",
    "COURT": "a court or tribunal",
    "CORONER": "a coroner",
    "POLICE": "the police",
    "COUNCIL": "a council, in its own duties",
    "CARE": "another health or care organisation",
    "OMBUDSMAN": "an ombudsman",
    "REGULATOR": "a regulator",
}
"""Kinds, and no names: the ledger is for ever and in clear, and a name there could be that of a relative."""
LISTS: Mapping[str, Mapping[str, str]] = {
    "disclosure purpose": DISCLOSURE_PURPOSES,
    "erasure purpose": ERASURE_PURPOSES,
    "legal basis": LEGAL_BASES,
    "recipient": RECIPIENTS,
}
