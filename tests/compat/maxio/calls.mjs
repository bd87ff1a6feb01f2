// calls.mjs: what happened, what a renewal would come to, prices in other currencies and by what events say.
import { allocate, ask, client, components, held, holding, invoicesOf, made, now, points, raw, sdk, subscribe, use } from './shop.mjs'
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

test('segments: prices of events by what they say, and what they come to', async () => {
  const segments = new sdk.EventsBasedBillingSegmentsController(client)
  const metric = await ask('POST', '/v1/metrics', { stream: 'traffic', analysis: 'sum', property: 'bytes', group_by: [{ property: 'region' }] })
  const { component } = (await components.createEventBasedComponent(String(made.family.id), {
    eventBasedComponent: {
      name: 'Traffic', unitName: 'byte', handle: 'traffic', pricingScheme: 'per_unit', prices: [{ startingQuantity: 1, unitPrice: '1' }],
      eventBasedBillingMetricId: metric.id,
    },
  })).result
  const at = [String(component.id), String(component.defaultPricePointId)]
  const price = (unitPrice) => ({ pricingScheme: 'per_unit', prices: [{ startingQuantity: 1, unitPrice }] })
  const { segment } = (await segments.createSegment(...at, { segment: { segmentProperty1Value: 'eu', ...price('2') } })).result
  assert.deepEqual([segment.segmentProperty1Value, segment.pricingScheme, segment.prices[0].unitPrice, segment.prices[0].segmentId], ['eu', 'per_unit', '2.0', segment.id])
  const many = (await segments.bulkCreateSegments(...at, { segments: [{ segmentProperty1Value: 'us', ...price('3') }, { segmentProperty1Value: 'asia', ...price('4') }] })).result.segments
  assert.equal(many.length, 2)
  const twice = await refused(segments.bulkCreateSegments(...at, { segments: [{ segmentProperty1Value: 'mars', ...price('3') }, { segmentProperty1Value: 'eu', ...price('9') }] }), 422)
  assert.deepEqual(Object.keys(JSON.parse(twice.body).errors.segments), ['1'], twice.body)
  const list = async (filter) => (await segments.listSegmentsForPricePoint({ componentId: at[0], pricePointId: at[1], filter })).result.segments.map((one) => one.segmentProperty1Value)
  assert.deepEqual(await list(), ['eu', 'us', 'asia'])
  const replaced = (await segments.updateSegment(...at, Number(segment.id), { segment: price('2.5') })).result.segment
  assert.deepEqual([replaced.segmentProperty1Value, replaced.prices[0].unitPrice], ['eu', '2.5'])
  await segments.deleteSegment(...at, Number(many[1].id))
  assert.deepEqual((await list()).sort(), ['eu', 'us'])
  const subscription = await subscribe(), id = Number(subscription.id)
  await held.activateEventBasedComponent(id, Number(component.id))
  const event = (region, bytes) => ({ chargify: { subscription_id: id }, region, bytes })
  assert.equal((await raw('POST', '/acme/events/traffic/bulk.json', [event('eu', 2), event('us', 1), event('asia', 5)])).status, 201)
  await now(subscription.currentPeriodEndsAt)
  const [renewal] = await invoicesOf(subscription)
  const cents = renewal.lineItems.filter((line) => line.componentId === component.id).reduce((sum, line) => sum + Math.round(line.totalAmount * 100), 0)
  assert.equal(cents, 500 + 300 + 500)
})
