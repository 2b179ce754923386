"""The Merkle tree is that of RFC 6962."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.merkle import EMPTY, consistency, inclusion, is_consistent, is_included, root_of

# The inputs and roots of the Certificate Transparency project's own test of its Merkle tree.
LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_of_certificate_transparency(size: int) -> None:
    """Another implementation of the standard comes to the same roots."""
    assert root_of(LEAVES[:size]).hex() == ROOTS[size - 1]


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    """RFC 6962, 2.1: the hash of an empty list is the hash of an empty string."""
    assert EMPTY.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert root_of([]) == EMPTY


@given(st.integers(1, 70).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))))
def test_an_inclusion_proof_holds_for_its_entry_only(drawn: tuple[int, int]) -> None:
    """The path of an entry leads to the root; of another entry, place or path it does not."""
    size, index = drawn
    entries = [bytes([number]) * 32 for number in range(size)]
    path, root = inclusion(entries, index), root_of(entries)
    assert is_included(entries[index], index, size, path, root)
    assert not is_included(b"other", index, size, path, root)
    assert not is_included(entries[index], index, size, [*path, root], root)
    assert not is_included(entries[index], size, size, path, root)


@given(st.integers(1, 70).flatmap(lambda size: st.tuples(st.just(size), st.integers(1, size))))
def test_a_consistency_proof_holds_for_a_beginning_only(drawn: tuple[int, int]) -> None:
    """The proof shows that the larger tree begins with the smaller; a changed beginning does not pass."""
    size, first = drawn
    entries = [bytes([number]) * 32 for number in range(size)]
    path = consistency(entries, first)
    old, new = root_of(entries[:first]), root_of(entries)
    assert is_consistent(first, old, size, new, path)
    assert not is_consistent(first, root_of([b"other", *entries[1:first]]), size, new, path)
    assert not is_consistent(first, old, size, root_of([b"other", *entries[1:]]), path)
