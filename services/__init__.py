"""The map of the house: which room does what, and the way of a fact through them. No code.

Floors; a room may import from lower floors, never from higher ones::

    5  cli         the command line `sis`
       stack       the whole system on one machine, supervised
    4  doors       read one log, translate, emit to another; no state but a position
       simulator   a synthetic county that emits and answers as a real one
       sandbox     a trust to play with, in which a provider tries its own program
       audit       ledgers read, checked and told; can reach nothing that sends
       notary      reads ledgers, publishes signed checkpoints
       (portal belongs here)
    3  episodes    the trust's side: episodes, persons, the recorder's rules, the caseload
       handover    the commissioner's side: contracts, waves, offers, the allocator's rules
       provider    what a provider's own system imports or runs
                   these three import nothing of each other
    2  log         how it is kept: codec, engine, Kafka; the only room with Kafka clients, save the projector
       vault       identities and keys; log and vault import nothing of each other
    1  county      teams, districts, code lists, working days, policy. Pure
       words       what is said: events, inputs, messages. Pure
    0  settings    what can be set; read only where processes start (stack, cli, __main__)

The way of a fact: a team emits to the inbox; the recorder decides and writes ledger or refusal in one transaction;
the projector folds the ledger into the caseload; the referrals door carries what concerns a handover to the
allocator's inbox; the allocator decides, writes its ledger and tells the provider in one transaction; the provider
replies on its own topic; the replies door carries the answer back to the allocator, and the outcomes door carries
what came of it back to the recorder, who has the last word on who supports a person.
"""
