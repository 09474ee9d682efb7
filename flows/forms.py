"""Types of parameters that the forms of Prefect's UI offer a choice for, and that are plain text elsewhere."""

from typing import Annotated

from pydantic import Field

from model.systems import SYSTEMS

SystemName = Annotated[str, Field(json_schema_extra={"enum": list(SYSTEMS)})]
"""A system of the paper by its name."""

Split = Annotated[str, Field(json_schema_extra={"enum": ["test", "dev"]})]
"""A part of a benchmark."""
