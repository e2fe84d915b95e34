"""Sorting what comes: kinds of documents, identities, versions, messages of people, and hostile mail.

Only fetching is seen on the wire. What a product then shows is asked for and kept as its own word, which a person reviews
beside the expectations of the scenario.
"""

import pytest

from conformance.bench.stage import Stage
from conformance.drivers import operations as ops


@pytest.mark.scenario("mss.receive-kinds")
def test_documents_of_each_kind_are_received(stage: Stage) -> None:
    """Deliver, for one person, a document of each kind that a structure receives, and a PDF without archive."""
    box = stage.mailbox("PER")
    person = stage.person()
    hospital, inbound = stage.sender(box), stage.made("inbound")
    came = [
        stage.receive(box, inbound.kind(hospital, person, kind), kind, then="integrated", person=person)
        for kind in inbound.KINDS
    ]
    came.append(stage.receive(box, inbound.several(hospital, person), "several", then="integrated", person=person))
    pdf = stage.made("inbound_mail").lone_pdf(hospital, person)
    stage.receive(box, pdf, "lone-pdf", then="shown", person=person)
    stage.fetch_all(box, *came, pdf)
    stage.look(person)
    stage.open_documents(person, came[0])
    stage.look(person)
    stage.read_unread()
    for screen in ("unread-period", "sorted-documents", "sections-readable"):
        stage.observe(screen)


@pytest.mark.scenario("mss.receive-identity")
def test_a_document_joins_the_right_record_only(stage: Stage) -> None:
    """Deliver documents whose identity matches, differs by a trait, is unknown, is unqualified, or contradicts the subject.

    Only an exact match may be filed of itself; a document of a person who is not qualified here is attached by hand.
    """
    box = stage.mailbox("PER")
    known, other = stage.person("connu"), stage.person("autre")
    here_only = stage.person("local", status="validee")
    stranger = stage.person("inconnu", known=False)
    elsewhere = stage.people.person(stage.place, "local")
    hospital, inbound = stage.sender(box), stage.made("inbound")
    exact = stage.receive(box, inbound.kind(hospital, known, "consultation"), "exact", then="integrated", person=known)
    subject = inbound.other_subject(hospital, known, other)
    stage.receive(box, subject, "other-subject", then="integrated", person=known)
    near = stage.receive(box, inbound.one_trait_off(hospital, known), "one-trait-off", then="pending")
    unknown = stage.receive(box, inbound.kind(hospital, stranger, "discharge"), "unknown-ins", then="pending")
    bare = stage.receive(box, inbound.without_ins(hospital, known), "without-ins", then="pending")
    local = inbound.kind(hospital, elsewhere, "discharge")
    stage.receive(box, local, "not-qualified-here", then="pending", person=here_only)
    stage.fetch_all(box, exact, subject, near, unknown, bare, local)
    stage.look(known, other, here_only)
    stage.observe("side-by-side", received=elsewhere.birth_name, proposed=here_only.birth_name)
    stage.attach(local, here_only)
    stage.reject(near)
    stage.look(known, here_only)


@pytest.mark.scenario("mss.receive-again")
def test_versions_and_cancellations_are_followed(stage: Stage) -> None:
    """Deliver a document, the same one again, the version that replaces it, and the cancellation of another document."""
    box = stage.mailbox("PER")
    person = stage.person()
    hospital, inbound, mail = stage.sender(box), stage.made("inbound"), stage.made("inbound_mail")
    letter = inbound.document(hospital, person)
    report = inbound.document(hospital, person, type_code=inbound.KINDS["biology"], what="to be cancelled")
    first = stage.receive(box, inbound.carried(hospital, letter), "first", then="integrated", person=person)
    second = stage.receive(box, inbound.carried(hospital, report), "second", then="integrated", person=person)
    stage.fetch_all(box, first, second)
    stage.look(person)
    same = stage.receive(box, inbound.again(hospital, letter), "duplicate", then="known", person=person)
    newer = stage.receive(box, inbound.replacement(hospital, letter), "replacement", then="integrated", person=person)
    cancelled = stage.receive(box, mail.cancellation(hospital, report), "cancelled", then="withdrawn", person=person)
    stage.fetch_all(box, same, newer, cancelled)
    stage.look(person)


@pytest.mark.scenario("mss.filing-switched-off")
def test_automatic_filing_can_be_switched_off(stage: Stage) -> None:
    """Switch automatic filing off, deliver a matching document, which waits; switch it on and deliver another."""
    box = stage.mailbox("PER")
    person = stage.person()
    hospital, inbound = stage.sender(box), stage.made("inbound")
    stage.perform(ops.SetAutomaticFiling(enabled=False))
    try:
        waits = stage.receive(box, inbound.kind(hospital, person, "discharge"), "waits", then="pending", person=person)
        stage.fetch_all(box, waits)
        stage.look(person)
    finally:
        stage.attempt(ops.SetAutomaticFiling(enabled=True))
    filed = stage.receive(box, inbound.kind(hospital, person, "biology"), "filed", then="integrated", person=person)
    stage.fetch_all(box, filed)
    stage.look(person)


@pytest.mark.scenario("mss.reception-counts")
def test_what_was_received_is_counted(stage: Stage) -> None:
    """Read the counts, deliver a known load of which one document is attached by hand, read the counts again."""
    box = stage.mailbox("PER")
    known, here_only = stage.person("connu"), stage.person("local", status="validee")
    elsewhere, stranger = stage.people.person(stage.place, "local"), stage.person("inconnu", known=False)
    hospital, inbound = stage.sender(box), stage.made("inbound")
    stage.read_counts()
    load = {"consultation": (known, known), "discharge": (known, known), "fludr": (elsewhere, None)}
    came = {
        name: stage.receive(
            box, inbound.kind(hospital, who, name), name, then="integrated" if filed else "pending", person=filed
        )
        for name, (who, filed) in load.items()
    }
    waiting = inbound.document(hospital, stranger, type_code=inbound.KINDS["discharge"], what="waiting")
    came["waiting"] = stage.receive(box, inbound.carried(hospital, waiting), "waiting", then="pending")
    stage.fetch_all(box, *came.values())
    stage.attach(came["fludr"], here_only)
    code = inbound.KINDS
    stage.expect(
        "reception-load",
        counts=[
            {"type_code": code["consultation"], "automatic": 1, "manual": 0, "waiting": 0},
            {"type_code": code["discharge"], "automatic": 1, "manual": 0, "waiting": 1},
            {"type_code": code["fludr"], "automatic": 0, "manual": 1, "waiting": 0},
        ],
    )
    stage.read_counts()
    stage.observe("reception-counts")


@pytest.mark.scenario("mss.receive-messages")
def test_messages_of_people_and_professionals_are_told_apart(stage: Stage) -> None:
    """Deliver a message of a professional, an answer in the same thread, and a message of a known person."""
    box = stage.mailbox("PER")
    person = stage.person()
    colleague, mail = stage.sender(box, "medecin", "PER"), stage.made("inbound_mail")
    first = stage.receive(box, mail.words(colleague, "first"), "professional", then="shown")
    answer = mail.words(colleague, "second", references=(first.message_id,))
    stage.receive(box, answer, "professional-again", then="shown")
    citizen = mail.from_citizen(colleague, person, stage.here.patients_domain)
    stage.receive(box, citizen, "citizen", then="shown", person=person)
    stage.fetch_all(box, first, answer, citizen)
    stage.look(person)
    stage.observe("sorted-messages")


@pytest.mark.scenario("mss.survive-hostile")
def test_hostile_mail_does_no_harm(stage: Stage) -> None:
    """Deliver malformed and hostile archives, then a sound one: the product still fetches, and still sends."""
    box = stage.mailbox("PER")
    person, other = stage.person("connu"), stage.person("autre")
    hospital, inbound, hostile = stage.sender(box), stage.made("inbound"), stage.made("inbound_hostile")
    bad = [
        stage.receive(box, hostile.hostile(hospital, person, name), name, then=hostile.outcome(name))
        for name in hostile.HOSTILE
    ]
    mixed = hostile.two_persons(hospital, person, other)
    bad.append(stage.receive(box, mixed, "two-persons", then="pending"))
    stage.fetch_all(box, *bad, needed=False)
    sound = inbound.kind(hospital, person, "consultation")
    stage.receive(box, sound, "sound", then="integrated", person=person)
    stage.fetch_all(box, sound, needed=False)
    stage.say_hello(box)
    stage.look(person, other)
