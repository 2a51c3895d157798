"""The generated binding is the committed artefacts' own, and says what the ABI says."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from pathlib import Path
from types import ModuleType

import pytest

from codec.evm.abi import load_artifact
from codec.evm.book import answers, calls, errors, events, structs
from codec.evm.book.interface import book_abi

GENERATOR = Path(__file__).parents[4] / "contracts" / "evm" / "python_binding.py"


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("python_binding", GENERATOR)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def names(kind: str) -> set[str]:
    return {item["name"] for item in load_artifact("VoucherBook")["abi"] if item["type"] == kind}


def test_committed_binding_is_what_the_artefacts_ask_for(generator: ModuleType) -> None:
    """Mend with contracts/evm/build_artifacts.py."""
    assert generator.stale() == []


def test_an_edited_file_is_noticed(generator: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in generator.TARGET.glob("*.py"):
        (tmp_path / path.name).write_text(path.read_text())
    (tmp_path / "calls.py").write_text("# edited\n")
    (tmp_path / "errors.py").unlink()
    monkeypatch.setattr(generator, "TARGET", tmp_path)
    assert generator.stale() == ["calls.py", "errors.py"]


def test_everything_in_the_abi_has_a_python_form(generator: ModuleType) -> None:
    for name in names("function"):
        assert callable(getattr(calls, f"{generator.snake(name)}_call")), name
    for item in load_artifact("VoucherBook")["abi"]:
        if item["type"] == "function" and item["stateMutability"] in ("view", "pure"):
            assert callable(getattr(answers, f"decode_{generator.snake(item['name'])}")), item["name"]
    assert names("event") == {item.__name__ for item in events.BookEvent.__args__}
    assert names("error") == {item.__name__ for item in errors.BookError.__args__}


def test_structs_survive_the_way_through_the_abi() -> None:
    """Values go out by `abi_values` and come back by `of`."""
    order = structs.RedeemOrder(b"\1" * 20, b"\2" * 20, b"\3" * 32, 4, b"\5" * 20, 6, ())
    decoded = book_abi().decode_call(calls.redeem_call(order, b"signature"))
    assert structs.RedeemOrder.of(decoded.arguments["order"]) == order


@pytest.mark.parametrize(
    ("name", "python"),
    [
        ("metadataUri", "metadata_uri"),
        ("isERC20", "is_erc20"),
        ("DOMAIN_SEPARATOR", "domain_separator"),
        ("from", "from_"),
    ],
)
def test_names_become_pythons(generator: ModuleType, name: str, python: str) -> None:
    assert generator.snake(name) == python


def test_an_overload_has_no_name_of_its_own(generator: ModuleType) -> None:
    both = [
        {"type": "function", "name": "fund", "inputs": [], "outputs": [], "stateMutability": "view"},
        {"type": "function", "name": "fund", "inputs": [{"type": "uint8", "name": "a"}], "outputs": []},
    ]
    natspec = {"enums": {}, "constants": {}, "userdoc": {}, "devdoc": {}, "structs": {}}
    with pytest.raises(SystemExit, match="overloaded functions"):
        generator.Binding({"abi": both}, natspec).files()


def test_docstrings_are_the_contracts_own_words() -> None:
    assert inspect.getdoc(errors.VoucherAlreadyRedeemed) == "The voucher was redeemed before."
