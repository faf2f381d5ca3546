"""What the matrix asks about of supervision: an inspection of the city's commission and what it found at the township."""

from __future__ import annotations

from uuid import UUID

from tiercare.apps.evaluation import commands, queries
from tiercare.apps.evaluation.commands import supervision
from tiercare.apps.evaluation.rules.standing import File, Said
from tiercare.apps.evaluation.workflow import Act
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network import queries as network

from .world import CITY, World

_PDF = b"%PDF-1.4 \n%%EOF"


def supervision_planted(world: World) -> dict[str, str]:
    """The inspection, a finding that is not taken up, a matter that the township owes, and a file that proves something of it."""
    city = world.actor("commission@own")
    slug = next(
        each.slug
        for each in network.institution_rows(CITY, on=ledger.today())
        if each.id == UUID(world.ids["institution"])
    )
    inspection = supervision.inspect(
        city, template="member_quality", mode="quality_check", subject=f"institution:{slug}"
    )
    found = []
    for item in ("infection", "records"):
        supervision.judge(
            city, matter_id=inspection, item=item, judgement="not_met", severity="minor", words="示例"
        )
        found.append(queries.matter(city, matter_id=inspection).entries[-1].id)
    matter = supervision.rectify(city, matter_id=inspection, entry_id=found[0])
    owner = world.actor("referral_office@own")
    told = Said("示例：进展", files=(File("示例.pdf", _PDF),))
    commands.act(owner, matter_id=matter, act=Act.NOTE, said=told)
    proof = queries.matter(owner, matter_id=matter).entries[-1].proofs[0]["id"]
    return {
        "inspection": str(inspection),
        "finding": str(found[1]),
        "matter": str(matter),
        "proof": str(proof),
        "institution_slug": slug,
    }
