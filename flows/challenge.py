"""The challenge: a reader is trained on new data, put to the champion's benchmark, and takes its place if it may."""

from typing import Any, cast

from prefect import flow, get_run_logger, pause_flow_run, runtime
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.deployments import run_deployment
from prefect.exceptions import FlowPauseTimeout
from prefect.input import RunInput
from pydantic import Field

from flows.evaluate import evaluate_reader
from flows.orders import Challenge
from flows.parameters import resolve_data
from flows.standing import known_deployment
from flows.train import train_reader
from storage.models import CHAMPION, move_champion
from storage.refs import Refs
from storage.store import DEFAULT_STORE
from tasks.answering import Trial
from tasks.bulletins import show_challenge
from tasks.downloads import benchmark_data
from tasks.dueling import dueled
from tasks.place import Place
from tasks.publication import LATEST
from tasks.scoring.promotion import ALREADY, Decision, Duel, Promotion, decide

DEPLOYMENT = "challenge-champion/on-demand"

POLL_S = 5
"""So often a paused run looks for its answer."""


class PromotionAnswer(RunInput):
    """What a person is asked for in the UI: the form behind the button *Resume*."""

    promote: bool = Field(False, description="Make the challenger champion?")


def run_name() -> str:
    """Such as `challenge with tall on 3f9c2a7b`."""
    given = runtime.flow_run.parameters
    return f"challenge with {given['challenge'].system_name} on {given['snapshot']}"


@flow(name="challenge-champion", flow_run_name=run_name, persist_result=True, result_serializer="json")
def challenge_champion(
    challenge: Challenge, snapshot: str = LATEST, store: str = DEFAULT_STORE
) -> dict[str, Any]:
    """Train and evaluate a challenger; the ref `models/champion` moves only if it may.

    Args:
        challenge: What is trained, on what both readers are measured, and who decides.
        snapshot: An id, a ref such as `squad-tall/latest`, or `latest` of the system's own set.
        store: Where everything is kept (a folder or an fsspec URL).
    """
    place = Place(store).store
    champion = Refs(place).get(CHAMPION) or ""
    reader = train_reader(snapshot=snapshot, store=store, **challenge.training())
    challenger = reader["model"]
    report = evaluate_reader(challenger, challenge.benchmark, challenge.data, challenge.split, store=store)
    files = benchmark_data(place, challenge.benchmark, resolve_data(challenge.data, challenge.benchmark), "")
    trials = [
        Trial(model, challenge.benchmark, str(files), challenge.split) for model in (challenger, champion)
    ]
    found = dueled(place, *trials) if champion not in ("", challenger) else None
    decision = ALREADY if champion == challenger else decided(challenger, champion, found, challenge)
    if decision.promoted:
        move_champion(place, challenger, champion)
    get_run_logger().info("Champion and challenger: %s", decision.why)
    show_challenge(challenger, champion, found, decision, report["report"])
    return {
        "challenger": challenger,
        "champion": Refs(place).get(CHAMPION) or "",
        "promoted": decision.promoted,
        "why": decision.why,
        "duel": found and found.to_json(),
        "report": report["report"],
        "path": report["path"],
    }


def decided(challenger: str, champion: str, found: Duel | None, challenge: Challenge) -> Decision:
    """Whether the challenger becomes champion; a person is asked where the challenge says so."""
    asked = challenge.promote is Promotion.ASK
    answer = ask_person(challenger, champion, found, challenge) if asked else None
    return decide(challenge.promote, found, challenge.level, answer)


def challenged(challenge: Challenge, snapshot: str, store: str) -> dict[str, Any]:
    """The challenge where it belongs: a rebuild that a server runs leaves it to the pool of trainings.

    So it waits for its turn there, and a person may take a day to answer without another rebuild waiting.
    """
    if runtime.deployment.id and _is_deployed():
        parameters = {"challenge": challenge.model_dump(mode="json"), "snapshot": snapshot, "store": store}
        run = run_deployment(DEPLOYMENT, parameters=parameters, timeout=0, as_subflow=False)
        return {"flow_run": str(cast(FlowRun, run).id)}
    return challenge_champion(challenge, snapshot, store)


def _is_deployed() -> bool:
    with get_client(sync_client=True) as client:
        return known_deployment(client, DEPLOYMENT) is not None


def ask_person(challenger: str, champion: str, found: Duel | None, challenge: Challenge) -> bool | None:
    """What a person answers to the paused run; None where nobody does in time."""
    told = "There is no champion yet." if found is None else found.sentence(challenge.level)
    form = PromotionAnswer.with_initial_data(
        description=f"Challenger `{challenger}` against champion `{champion or 'none'}`. {told}",
        promote=False,
    )
    try:
        answer = pause_flow_run(
            wait_for_input=form, timeout=int(3600 * challenge.patience_h), poll_interval=POLL_S
        )
    except FlowPauseTimeout:
        return None
    return bool(answer.promote)
