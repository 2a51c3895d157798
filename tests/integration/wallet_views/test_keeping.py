"""Address books, stores and catalogues: what is kept, for whom, and what is refused."""

from __future__ import annotations

from uuid import uuid4

import pytest

from people.catalogue.charging import Charging
from people.catalogue.service import Catalogue
from people.organisations.model import Organisation
from people.organisations.sql import insert_organisation
from people.stores.service import Stores
from people.stores.sql import Store
from primitives.account_id import AccountId
from primitives.clock import SystemClock
from primitives.errors import GoodsUnknown, InvalidRows, InvalidValue, NotFound, StoreUnknown
from tests.fakes.vouchers import EVM
from wallets.address_book.service import AddressBook
from wallets.erasure.sql import forget_person

WANG = AccountId.of(EVM, "0xab12" + "3" * 32 + "cd34")
POISON = AccountId.of(EVM, "0xab12" + "4" * 32 + "cd34")


@pytest.fixture
async def shop(database):
    made = Organisation(uuid4(), "梅记茶馆", SystemClock().now())
    async with database.transaction() as tx:
        await insert_organisation(tx, made)
    return made.id


async def test_an_address_book_is_its_owners_and_keeps_poison_out(database):
    book, li, zhao = AddressBook(database), uuid4(), uuid4()
    entry = await book.add(li, WANG, " Wang ", "tea")
    assert (entry.name, await book.name_of(li, WANG), await book.name_of(zhao, WANG)) == ("Wang", "Wang", None)
    with pytest.raises(InvalidValue, match="looks like") as caught:
        await book.add(li, POISON, "Wang 2")
    assert caught.value.resembles == str(WANG)
    with pytest.raises(InvalidValue, match="already"):
        await book.add(li, WANG, "Again")
    for act in (book.change(zhao, entry.id, "Mine", None), book.remove(zhao, entry.id)):
        with pytest.raises(NotFound):
            await act
    assert (await book.change(li, entry.id, "老王", None)).name == "老王"
    with pytest.raises(InvalidValue):
        await book.change(li, entry.id, "a\nb", None)
    await book.add(zhao, WANG, "His")
    async with database.transaction() as tx:
        await forget_person(tx, li)
    assert (list(await book.entries(li)), len(await book.entries(zhao))) == ([], 1)


async def test_a_catalogue_is_imported_whole_or_not_at_all(database, shop):
    catalogue = Catalogue(database)
    done = await catalogue.load(shop, "sku,name,category,currency,price\ntea,Tea,drinks,CNY,12.50\ncup,Cup,,CNY,5\n")
    assert (done.rows, done.added, done.changed, done.withdrawn) == (2, 2, 0, 0)
    with pytest.raises(InvalidRows) as caught:
        await catalogue.load(shop, "sku,name,currency,price\npot,Pot,CNY,30\ntea,Tea,CNY,nothing\n", whole=True)
    assert [one["row"] for one in caught.value.rows] == [3]
    assert [item.sku for item in await catalogue.items(shop)] == ["cup", "tea"], "not even its good row"
    done = await catalogue.load(shop, "sku,name,currency,price\ntea,Green tea,CNY,13\npot,Pot,CNY,30\n", whole=True)
    assert (done.added, done.changed, done.withdrawn) == (1, 1, 1)
    items = {item.sku: (item.name, item.unit_price_minor, item.sold) for item in await catalogue.items(shop)}
    assert items == {
        "cup": ("Cup", 500, False),
        "tea": ("Green tea", 1_300, True),
        "pot": ("Pot", 3_000, True),
    }
    assert [item.sku for item in await catalogue.items(shop, after="cup", limit=1)] == ["pot"]
    assert list(await catalogue.items(uuid4())) == []


async def test_stores(database, shop):
    stores = Stores(database)
    await stores.put(shop, Store("west", "西湖店", None, "Asia/Shanghai", True))
    await stores.put(shop, Store("west", "西湖店", "1 Lake Road", "Asia/Shanghai", False))
    assert list(await stores.all(shop)) == [Store("west", "西湖店", "1 Lake Road", "Asia/Shanghai", False)]
    for wrong in (Store("a b", "A", None, "UTC", True), Store("a", "A", None, "Mars/Olympus", True)):
        with pytest.raises(InvalidValue):
            await stores.put(shop, wrong)


async def test_a_till_charges_what_the_shop_keeps(database, shop):
    charging, csv = Charging(database), "sku,name,currency,price\ntea,Tea,CNY,12.50\ncup,Cup,USD,5\nold,Old,CNY,1\n"

    async def charged(*skus, store=None, unpriced=()):
        return await charging.goods(shop, skus, store=store, currency="CNY", unpriced=unpriced)

    assert await charged("anything", store="anywhere") == {}, "its own system knows them"
    with pytest.raises(GoodsUnknown):
        await charged("anything", unpriced=["anything"])
    await Catalogue(database).load(shop, csv)
    await Catalogue(database).load(shop, "sku,name,currency,price\ntea,Tea,CNY,13\ncup,Cup,USD,5\n", whole=True)
    await Stores(database).put(shop, Store("west", "西湖店", None, "UTC", True))
    await Stores(database).put(shop, Store("east", "东门店", None, "UTC", False))

    found = await charged("tea", "counter", store="west", unpriced=["tea"])
    assert [(sku, item.unit_price_minor) for sku, item in found.items()] == [("tea", 1_300)]
    for store in ("east", "nowhere"):
        with pytest.raises(StoreUnknown) as place:
            await charged("tea", store=store)
        assert place.value.store == store
    for skus, unpriced, told in (
        (["tea", "old", "tae", "tae"], [], ["old", "tae"]),
        (["cup"], ["cup"], ["cup"]),
        (["counter"], ["counter"], ["counter"]),
    ):
        with pytest.raises(GoodsUnknown) as goods:
            await charged(*skus, unpriced=unpriced)
        assert goods.value.skus == told
    assert await charging.goods(uuid4(), ["tea"], store="west", currency="CNY") == {}, "another shop's is not touched"
