"""Results become JSON by what they are; a return type with a form of its own has it."""

import array
import collections
import enum
import types
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import atonce
import pytest
from atonce._host.results import make_serializer
from caller import InvalidError, call, property_of, to_json, tool_of
from pydantic import Base64Bytes, BaseModel, PlainSerializer, SecretStr, computed_field


class Colour(enum.Enum):
    RED = "r"
    TWO = 2


class Pair(NamedTuple):
    a: int
    b: Any


@dataclass
class Leaf:
    value: Any
    hidden: list[int] = field(default_factory=list)


class Model(BaseModel):
    leaf: Leaf
    at: datetime

    @computed_field
    def double(self) -> int:
        return 2 * self.leaf.value


def generate() -> Any:
    yield 1
    yield 2


PNG = b"\x89PNG\xff"
IMAGE = {"media_type": "image/png", "data": b64encode(PNG).decode()}

VALUES: dict[str, tuple[Any, Any]] = {
    "scalars": ([None, True, 1, 1.5, "a"], [None, True, 1, 1.5, "a"]),
    "long int": (2**100, 2**100),
    "not finite": ([float("nan"), float("inf"), -float("inf")], ["NaN", "Infinity", "-Infinity"]),
    "NamedTuple": (Pair(1, Decimal("1.50")), [1, "1.50"]),
    "dataclass": (Leaf(Leaf({1})), {"value": {"value": [1], "hidden": []}, "hidden": []}),
    "model": (
        Model(leaf=Leaf(2), at=datetime(2026, 1, 1, tzinfo=UTC)),
        {"leaf": {"value": 2, "hidden": []}, "at": "2026-01-01T00:00:00Z", "double": 4},
    ),
    "keys": ({Colour.RED: 1, Colour.TWO: 2, 3: 4, None: 5}, {"r": 1, "2": 2, "3": 4, "None": 5}),
    "Enum": ([Colour.RED, Colour.TWO], ["r", 2]),
    "set": ({1}, [1]),
    "deque": (collections.deque([1, Colour.RED]), [1, "r"]),
    "Counter": (collections.Counter("aab"), {"a": 2, "b": 1}),
    "OrderedDict": (collections.OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
    "ChainMap": (collections.ChainMap({"a": 1}), {"a": 1}),
    "range": (range(3), [0, 1, 2]),
    "views": ([{"a": 1}.keys(), {"a": 1}.values(), {"a": 1}.items()], [["a"], [1], [["a", 1]]]),
    "generator": (generate(), [1, 2]),
    "map": (map(str, [1]), ["1"]),
    "bytes": ([b"a", bytearray(b"b"), memoryview(b"c")], ["a", "b", "c"]),
    "array": (array.array("d", [1.5]), [1.5]),
    "Path": (Path("/x"), "/x"),
    "secret": ({"a": SecretStr("key")}, {"a": "**********"}),
    "mapping proxy": (types.MappingProxyType({"a": 1}), {"a": 1}),
    "image": (atonce.Image(PNG, "image/png"), IMAGE),
    "images inside": (
        {"all": [Leaf(atonce.Image(PNG, "image/png"))]},
        {"all": [{"value": IMAGE, "hidden": []}]},
    ),
}


@pytest.mark.parametrize(("value", "expected"), VALUES.values(), ids=VALUES)
def test_a_value_is_written_by_what_it_is(value: Any, expected: Any) -> None:
    def tool() -> Any:
        return value

    assert tool_of(tool).serialize is None  # the fast way
    assert call(tool) == expected


class Numbers:
    """As numpy has them."""

    def tolist(self) -> list[float]:
        return [1.0, 2.0]


def test_numbers_of_numpys_kind_are_lists() -> None:
    def tool() -> Any:
        return {"x": Numbers()}

    assert call(tool) == {"x": [1.0, 2.0]}


def loop() -> Any:
    found: list[Any] = []
    found.append(found)
    return found


@pytest.mark.parametrize(
    "value", [object(), Numbers, loop(), {"a": {"b": lambda: None}}, Exception("x"), "\ud800"]
)
def test_what_json_cannot_hold_raises(value: Any) -> None:
    def tool() -> Any:
        return value

    with pytest.raises(ValueError):
        to_json(tool_of(tool), value)


@pytest.mark.parametrize(
    ("annotation", "value", "expected"),
    [
        (Base64Bytes, b"\xff\xfe", "//4="),
        (list[Base64Bytes], [b"\xff"], ["/w=="]),
        (Annotated[float, PlainSerializer(lambda x: round(x, 1))], 1.26, 1.3),
        (dict[str, Base64Bytes | None], {"a": b"a", "b": None}, {"a": "YQ==", "b": None}),
    ],
)
def test_a_return_type_with_a_form_of_its_own_has_it(
    annotation: Any, value: Any, expected: Any
) -> None:
    def tool() -> Any:
        return value

    tool.__annotations__["return"] = annotation

    assert tool_of(tool).serialize is not None
    assert call(tool) == expected


@dataclass
class Blob:
    data: Base64Bytes
    ratio: float


def test_so_has_a_type_inside_of_a_dataclass() -> None:
    def tool() -> Blob:
        return Blob(b"\xff", float("nan"))

    assert call(tool) == {"data": "/w==", "ratio": "NaN"}


def test_a_result_that_is_not_of_its_type_is_written_all_the_same() -> None:
    def tool() -> list[Base64Bytes]:
        return {"a": [collections.deque([1])]}  # type: ignore[return-value]

    assert call(tool) == {"a": [[1]]}


@pytest.mark.parametrize("annotation", [int, list[Leaf], Model, Pair, "Nowhere", None, Any, 3])
def test_types_without_a_form_of_their_own_go_the_fast_way(annotation: Any) -> None:
    assert make_serializer(annotation) is None


# Images.


class Page(BaseModel):
    title: str
    picture: atonce.Image


def test_an_image_may_be_part_of_a_model_both_ways() -> None:
    def echo(page: Page) -> Page:
        assert page.picture.data == PNG
        return page

    given = {"title": "x", "picture": IMAGE}

    assert call(echo, {"page": given}) == given
    assert property_of(echo, "page")["properties"]["picture"]["required"] == ["media_type", "data"]


@pytest.mark.parametrize("change", [{"data": "not base64!"}, {"media_type": "text/plain"}])
def test_an_image_that_is_none_is_invalid(change: dict[str, str]) -> None:
    def show(picture: atonce.Image) -> None: ...

    with pytest.raises(InvalidError, match="/picture"):
        call(show, {"picture": IMAGE | change})


def test_an_image_from_a_file_knows_its_type(tmp_path: Path) -> None:
    file = tmp_path / "it.png"
    file.write_bytes(PNG)

    image = atonce.Image.from_file(file)

    assert (image.data, image.media_type) == (PNG, "image/png")
    assert repr(image) == "Image(5 bytes, 'image/png')"


@pytest.mark.parametrize(
    ("data", "media_type", "error"),
    [("text", "image/png", TypeError), (b"", "text/plain", ValueError)],
)
def test_an_image_is_bytes_of_an_image_type(data: Any, media_type: str, error: Any) -> None:
    with pytest.raises(error):
        atonce.Image(data, media_type)
