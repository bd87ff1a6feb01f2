// calls.mjs: what happened, what a renewal would come to, prices in other currencies.
import { allocate, client, holding, invoicesOf, made, now, points, sdk, subscribe, use } from './shop.mjs'
import { assert, refused, test } from './check.mjs'

const feed = new sdk.EventsController(client), states = new sdk.SubscriptionStatusController(client)

test('what happened is listed newest first, by keys, of the site and of a subscription', async () => {
  const subscription = made.told = await subscribe({ components: [{ componentId: made.seats.id, allocatedQuantity: 2 }] }), id = Number(subscription.id)
  await allocate(subscription, made.seats, { quantity: 5, memo: 'three more' })
  await use(subscription, made.calls, { quantity: 101 })
  await allocate(subscription, made.minutes, { quantity: 100 })
  await use(subscription, made.minutes, { quantity: 30 })
  const list = async (more) => (await feed.listSubscriptionEvents({ subscriptionId: id, ...more })).result.map((one) => one.event)
  const all = await list({ perPage: 200 })
  assert.deepEqual(all.map((event) => event.id), [...all.map((event) => event.id)].sort((a, b) => Number(b) - Number(a)))
  for (const key of ['signup_success', 'invoice_issued', 'payment_success', 'component_allocation_change', 'metered_usage', 'prepaid_usage'])
    assert.ok(all.some((event) => event.key === key), key)
  const [change] = await list({ filter: ['component_allocation_change'], direction: 'asc' })
  assert.deepEqual([change.eventSpecificData.previousAllocation, change.eventSpecificData.newAllocation, change.eventSpecificData.memo], [2, 5, 'three more'])
  const [metered] = await list({ filter: ['metered_usage'] })
  assert.deepEqual([metered.eventSpecificData.previousUnitBalance, metered.eventSpecificData.newUnitBalance], ['0', 101])
  assert.deepEqual((await list({ sinceId: Number(change.id), maxId: Number(change.id) })).map((event) => event.id), [change.id])
  assert.deepEqual(await list({ page: 99 }), [])
  const site = (await feed.listEvents({ perPage: 5, filter: ['metered_usage', 'prepaid_usage'] })).result
  assert.deepEqual(site.slice(0, 2).map((one) => one.event.key), ['prepaid_usage', 'metered_usage'])
})

test('a renewal is tried as things are, and with other quantities; nothing of it stays, and it is what comes', async () => {
  const id = Number(made.told.id)
  const tried = async (body) => (await states.previewRenewal(id, body)).result.renewalPreview
  const shown = await tried()
  /* five seats, three that waited, a call above a hundred, minutes that were bought */
  assert.equal(shown.lineItems.find((line) => line.kind === 'metered_component').amountInCents, 50n)
  const other = await tried({ components: [{ componentId: Number(made.seats.id), quantity: 7 }, { componentId: Number(made.calls.id), quantity: 110 }] })
  assert.equal(other.totalInCents - shown.totalInCents, 2000n + 450n)
  assert.equal((await holding(made.told, made.seats)).allocatedQuantity, 5)
  assert.equal((await holding(made.told, made.calls)).unitBalance, 101)
  await refused(states.previewRenewal(id, { components: [{ componentId: 99999, quantity: 1 }] }), 422)
  await now(shown.nextAssessmentAt)
  assert.equal(Math.round((await invoicesOf(made.told))[0].totalAmount * 100), Number(shown.totalInCents))
})

test('prices in other currencies mirror every bracket', async () => {
  const [price] = made.eight.prices
  const said = (await points.createCurrencyPrices(Number(made.eight.id), { currencyPrices: [{ currency: 'EUR', price: 7.5, priceId: Number(price.id) }] })).result.currencyPrices
  assert.deepEqual([said[0].currency, said[0].price, said[0].priceId], ['EUR', '7.5', price.id])
  const changed = (await points.updateCurrencyPrices(Number(made.eight.id), { currencyPrices: [{ id: Number(said[0].id), price: 7 }] })).result.currencyPrices
  assert.equal(changed[0].price, '7.0')
  const [bracket] = made.schemes.volume.prices
  await refused(points.createCurrencyPrices(Number(bracket.pricePointId), { currencyPrices: [{ currency: 'EUR', price: 1, priceId: Number(bracket.id) }] }), 422,
    { errors: ['Currency prices: each currency needs a price for every bracket.'] })
  await refused(points.createCurrencyPrices(99999, { currencyPrices: [{ currency: 'EUR', price: 1, priceId: 1 }] }), 404)
})
