"""What the help says of each command before the command is imported, and where it lies.

Knows names and sentences; each sentence is the first of the command's own help. Must never import a command.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Listed(NamedTuple):
    """A command or a group of commands: `module.name` in this package, and what it does."""

    place: str
    sentence: str


LISTED: Mapping[str, Mapping[str, Listed]] = {
    "sis": {
        "caseload": Listed("caseload.caseload", "List the episodes that are open, by episode id."),
        "episode": Listed(
            "caseload.episode", "Show one episode: its row, what happened, and why each date falls where it does."
        ),
        "contracts": Listed(
            "handover.contracts",
            "List the contracts with their minutes a week: agreed, declared for today, reserved, used and free.",
        ),
        "emit": Listed(
            "emit.emit", "Send events into the inboxes, in order and sealed; safe to do again, wherever it was cut."
        ),
        "erase": Listed(
            "erase.erase",
            "Erase a person's records: asked for by one, approved by another; it cannot be undone, and prints a proof.",
        ),
        "reidentify": Listed(
            "reidentify.reidentify",
            "Show who a person is: asked for by one, approved by another; both stand in the ledger for ever.",
        ),
        "release": Listed(
            "release.release",
            "Note, once it was given, who outside the trust was told who this person is; "
            "it stands in the ledger for ever.",
        ),
        "simulate": Listed(
            "simulate.simulate",
            "Write the feed of a synthetic county, one CloudEvents JSON object a line, for `sis emit --paced`.",
        ),
        "up": Listed(
            "running.up", "Run the whole system on this machine: broker, recorder, projector and the rest, supervised."
        ),
        "down": Listed("running.down", "Stop the system in order; nothing is lost, whatever it was doing."),
        "status": Listed("running.status", "What runs, how far the view is behind, and the county's today."),
        "doctor": Listed(
            "doctor.doctor",
            "Look at Java, Maven, ports, disk, keys, listeners and topics, and say what mends each; "
            "1 if anything is wrong.",
        ),
        "demo": Listed("demo.demo", "Show a year of support and handover, from nothing, in a few minutes."),
        "handover": Listed("handover.commands", "Long-term cases on their way to an external provider."),
        "wave": Listed("wave.commands", "Waves of staged transfer, and what is still in house."),
        "refused": Listed("refused.commands", "What was not recorded, and why."),
        "person": Listed("person.commands", "Who is who, in house only."),
        "topics": Listed("topics.commands", "The topics of the log."),
        "access": Listed("access.commands", "Who may do what on a secured log."),
        "emitters": Listed("emitters.commands", "The keys with which teams and the commissioner sign."),
        "schemas": Listed("schemas.commands", "The released schemas of all words."),
        "view": Listed("view.commands", "The read view."),
        "config": Listed("config.commands", "What is set, and what can be set."),
        "hold": Listed("hold.commands", "Legal holds on a person's records."),
        "retention": Listed("retention.commands", "How long records are kept."),
        "keys": Listed("keys.commands", "Keys: of months, and of people who sign."),
        "audit": Listed("app.audit", "Proof that nothing was altered, removed or invented."),
        "provider": Listed("provider.commands", "What a provider does: read what is meant for it, and answer."),
    },
    "audit": {
        "history": Listed(
            "audit_history.history",
            "Tell what happened, one sentence a fact: when, when it was recorded, by whom, and what it changed.",
        ),
        "as-of": Listed(
            "audit_as_of.as_of",
            "Show caseload, handovers and contracts as they stood on a day, by what was known at an instant.",
        ),
        "diff": Listed(
            "audit_as_of.diff_points",
            "Say what changed between two points, and which facts did it. Days that merely went by are no change.",
        ),
        "recompute": Listed(
            "audit_recompute.recompute",
            "Decide every input again and compare with the ledgers byte for byte; 1 if one would be decided otherwise.",
        ),
        "disclosures": Listed(
            "audit_disclosures.list_disclosures",
            "List what was disclosed of a person: to which provider or colleague, what, when, why; "
            "1 if the vault's log broke.",
        ),
        "checkpoint": Listed(
            "audit.checkpoint", "List the signed checkpoints that this system holds; needs no broker."
        ),
        "verify": Listed(
            "audit.verify",
            "Verify chains, numbers, checkpoints and causes of every partition; 1 if anything does not fit.",
        ),
        "prove": Listed(
            "audit.prove",
            "Print a proof as JSON: that a fact is in the newest checkpoint, or that one checkpoint continues another.",
        ),
        "dump": Listed(
            "audit.dump", "Dump records, checkpoints and public key as they lie, for an auditor to verify elsewhere."
        ),
        "export": Listed(
            "audit_export.export",
            "Export the ledgers for an audit: pseudonyms, no identifiers, no free text, a signed manifest.",
        ),
        "check-export": Listed(
            "audit_export.check_export",
            "Check that an export is what was signed: manifest, signature, every file; 1 and which file if not.",
        ),
        "ask": Listed(
            "audit_export.ask",
            "Ask a question that auditors ask first, of an export or of the ledgers as they are now.",
        ),
    },
    "provider": {
        "exchange": Listed(
            "exchange.exchange",
            "Run by the trust: put messages into DIR/ID/in as files, and take the provider's replies from DIR/ID/out.",
        ),
        "sandbox": Listed(
            "sandbox.sandbox",
            "Try a provider's own program against a trust that nobody else sees: "
            "twelve lines, 1 if any of them failed.",
        ),
    },
    "refused": {
        "redrive": Listed(
            "redrive.redrive",
            "Have a refused event decided again, as it was sent, and say what became of it; 1 if it is refused again.",
        ),
    },
}
"""Group to its commands in the order of its help, after those that the group has itself."""
