// suite.mjs: the official SDK against a server: set-up, the methods of subscription components, every shape of errors, paging,
// filters, and figures to the cent. Contract: spec maxio.md 4 to 7. Usage: node suite.mjs URL SITE KEY
import { connect, native, sdk } from './client.mjs'
import { assert, refused, run, test } from './check.mjs'

const [url, site, key] = process.argv.slice(2)
const client = connect({ url, site, key })
const ask = native({ url, key })
const families = new sdk.ProductFamiliesController(client), products = new sdk.ProductsController(client)
const components = new sdk.ComponentsController(client), points = new sdk.ComponentPricePointsController(client)
const customers = new sdk.CustomersController(client), subscriptions = new sdk.SubscriptionsController(client)
const held = new sdk.SubscriptionComponentsController(client), invoices = new sdk.InvoicesController(client)
const accounts = new sdk.SubscriptionInvoiceAccountController(client), sites = new sdk.SitesController(client)

const now = (instant) => ask('PUT', '/v1/clock', { now: instant })
const card = { fullNumber: '4111111111111111', expirationMonth: 12, expirationYear: 2030, firstName: 'Ada', lastName: 'Byron' }
let people = 0
const person = () => ({ firstName: 'Ada', lastName: 'Byron', email: `ada${++people}@example.org`, reference: `ada-${people}` })

const made = {}
const subscribe = async (more = {}) => {
  const answer = await subscriptions.createSubscription({
    subscription: { productHandle: 'basic', customerAttributes: person(), creditCardAttributes: card, ...more },
  })
  return answer.result.subscription
}
const allocate = async (subscription, component, allocation) =>
  (await held.allocateComponent(Number(subscription.id), Number(component.id), { allocation })).result.allocation
const preview = async (subscription, allocations, more = {}) =>
  (await held.previewAllocations(Number(subscription.id), { allocations, ...more })).result.allocationPreview
const invoicesOf = async (subscription) =>
  (await invoices.listInvoices({ subscriptionId: Number(subscription.id), lineItems: true, payments: true, perPage: 200 })).result.invoices

// ---------------------------------------------------------------------------------------------------- set-up

test('the clock is set, the site is a fresh one', async () => {
  await now('2016-12-07T20:29:07Z')
  const { site: shown } = (await sites.readSite()).result
  assert.equal(shown.subdomain, site)
  assert.equal(shown.currency, 'USD')
  assert.deepEqual([shown.allocationSettings.upgradeCharge, shown.allocationSettings.downgradeCredit, shown.allocationSettings.accrueCharge],
    ['prorated', 'none', 'true'])
})

test('a family, a product and components of every kind', async () => {
  const family = (await families.createProductFamily({ productFamily: { name: 'Acme Projects', description: 'work' } })).result.productFamily
  made.family = family
  assert.equal(family.handle, 'acme-projects')
  const at = String(family.id)
  made.product = (await products.createProduct(at, {
    product: { name: 'Basic', handle: 'basic', description: 'd', priceInCents: 0n, interval: 1, intervalUnit: 'month' },
  })).result.product
  assert.equal(made.product.priceInCents, 0n)
  const quantity = (name, more) => components.createQuantityBasedComponent(at, {
    quantityBasedComponent: { name, unitName: 'unit', pricingScheme: 'per_unit', unitPrice: '10.0', ...more },
  })
  made.seats = (await quantity('Seats', { handle: 'seats' })).result.component
  assert.equal(made.seats.kind, 'quantity_based_component')
  assert.equal(made.seats.unitPrice, '10.0')
  made.fractions = (await quantity('Storage', { handle: 'storage', allowFractionalQuantities: true, unitPrice: '2.5' })).result.component
  made.volume = (await quantity('Volume', {
    handle: 'volume', pricingScheme: 'volume', unitPrice: undefined, downgradeCredit: 'prorated',
    prices: [{ startingQuantity: 1, endingQuantity: 10, unitPrice: 2 }, { startingQuantity: 11, unitPrice: 1 }],
  })).result.component
  assert.deepEqual(made.volume.prices.map((price) => [price.startingQuantity, price.endingQuantity, price.unitPrice]),
    [[1, 10, '2.0'], [11, null, '1.0']])
  made.option = (await components.createOnOffComponent(at, { onOffComponent: { name: 'Option', unitPrice: '5.0', handle: 'option' } })).result.component
  assert.equal(made.option.pricingScheme, null)
  made.calls = (await components.createMeteredComponent(at, {
    meteredComponent: {
      name: 'Calls', unitName: 'call', handle: 'calls', pricingScheme: 'tiered',
      prices: [{ startingQuantity: 1, endingQuantity: 100, unitPrice: '0' }, { startingQuantity: 101, unitPrice: '0.5' }],
    },
  })).result.component
  made.minutes = (await components.createPrepaidUsageComponent(at, {
    prepaidUsageComponent: {
      name: 'Minutes', unitName: 'minute', handle: 'minutes', pricingScheme: 'per_unit', unitPrice: '0.1',
      overagePricing: { pricingScheme: 'per_unit', prices: [{ startingQuantity: 1, unitPrice: '0.25' }] },
    },
  })).result.component
  assert.equal(made.minutes.overagePrices[0].unitPrice, '0.25')
  made.metric = await ask('POST', '/v1/metrics', { stream: 'api-calls', analysis: 'sum', property: 'bytes' })
  made.bytes = (await components.createEventBasedComponent(at, {
    eventBasedComponent: {
      name: 'Bytes', unitName: 'byte', handle: 'bytes', pricingScheme: 'per_unit',
      prices: [{ startingQuantity: 1, unitPrice: '0.01' }], eventBasedBillingMetricId: made.metric.id,
    },
  })).result.component
  assert.equal(made.bytes.eventBasedBillingMetricId, made.metric.id)
})

test('price points, and what set-up calls refuse', async () => {
  made.eight = (await points.createComponentPricePoint(Number(made.seats.id), {
    pricePoint: { name: 'Eight', handle: 'eight', pricingScheme: 'per_unit', prices: [{ startingQuantity: 1, unitPrice: '8' }] },
  })).result.pricePoint
  assert.equal(made.eight.type, 'catalog')
  const lookup = (await components.findComponent('seats')).result.component
  assert.equal(lookup.id, made.seats.id)
  const at = String(made.family.id)
  await refused(components.createOnOffComponent(at, { onOffComponent: { name: '', unitPrice: '1' } }), 422, { errors: ['Name: cannot be blank.'] })
  await refused(components.createOnOffComponent(at, { onOffComponent: { name: 'Other', handle: 'option', unitPrice: '1' } }), 422,
    { errors: ['API Handle: must be unique - that value has been taken.'] })
  await refused(customers.createCustomer({ customer: { firstName: '', lastName: '', email: '' } }), 422,
    { errors: ['First name: cannot be blank.', 'Last name: cannot be blank.', 'Email address: cannot be blank.'] })
  await refused(components.readComponent(999, 'seats'), 404)
  const stranger = connect({ url, site, key: 'wrong' })
  await refused(new sdk.SitesController(stranger).readSite(), 401)
})

// ---------------------------------------------------------------------------------------------------- figures

test("the vendor's own figures of 2016: 8893 up, 1637 down, 7256 together", async () => {
  const subscription = await subscribe({ components: [{ componentId: made.fractions.id, allocatedQuantity: '8.1' }] })
  assert.equal(subscription.state, 'active')
  assert.equal(subscription.currentPeriodEndsAt, '2017-01-07T20:29:07Z')
  await now('2016-12-13T18:59:38Z')
  const shown = await preview(subscription, [
    { componentId: Number(made.seats.id), quantity: 11 }, { componentId: Number(made.fractions.id), quantity: 0 },
  ], { upgradeCharge: 'prorated', downgradeCredit: 'prorated' })
  assert.deepEqual(shown.lineItems.map((line) => line.amountInCents), [8893n, -1637n])
  assert.equal(shown.totalInCents, 7256n)
  assert.equal(shown.direction, 'upgrade')
  assert.equal(shown.startDate, '2016-12-07T20:29:07Z')
  assert.equal(shown.endDate, '2017-01-07T20:29:07Z')
})

test('changes of April 2024, one by one: previewed, allocated, invoiced and paid to the cent', async () => {
  await now('2024-04-01T00:00:00Z')
  const subscription = made.april = await subscribe({ reference: 'april', components: [{ componentId: made.seats.id, allocatedQuantity: 5 }] })
  const first = (await invoicesOf(subscription))[0]
  assert.equal(first.totalAmount, '50.0')
  assert.equal(first.status, 'paid')
  await now('2024-04-08T09:00:00Z')
  const shown = await preview(subscription, [{ componentId: Number(made.seats.id), quantity: 10 }])
  assert.equal(shown.totalInCents, 3771n)
  assert.equal((await preview(subscription, [{ componentId: Number(made.seats.id), quantity: 10 }],
    { effectiveProrationDate: '2024-04-16' })).totalInCents, 2500n)
  const allocation = await allocate(subscription, made.seats, { quantity: 10, memo: 'more', accrueCharge: false })
  assert.equal(allocation.payment.amountInCents, 3771n)
  assert.equal(allocation.payment.success, true)
  assert.equal(allocation.payment.memo, 'Payment for: Prorated component allocation changes.')
  assert.deepEqual([allocation.quantity, allocation.previousQuantity, allocation.memo, allocation.timestamp],
    [10, 5, 'more', '2024-04-08T09:00:00Z'])
  const invoice = (await invoicesOf(subscription))[0]
  assert.equal(invoice.totalAmount, '37.71')
  assert.equal(invoice.lineItems[0].unitPrice, '10.0')
  assert.match(invoice.lineItems[0].quantity, /^3\.7708/)
  const less = await preview(subscription, [{ componentId: Number(made.seats.id), quantity: 4 }], { downgradeCredit: 'prorated' })
  assert.equal(less.totalInCents, -4525n)
  assert.equal(less.direction, 'downgrade')
})

test('several at once: one atomic change, one payment on each', async () => {
  const subscription = await subscribe({
    nextBillingAt: '2024-05-01T00:00:00Z', previousBillingAt: '2024-04-01T00:00:00Z',
  })
  assert.equal(subscription.currentPeriodStartedAt, '2024-04-01T00:00:00Z')
  assert.equal(subscription.currentPeriodEndsAt, '2024-05-01T00:00:00Z')
  const answer = await held.allocateComponents(Number(subscription.id), {
    allocations: [{ componentId: Number(made.seats.id), quantity: 2 }, { componentId: Number(made.option.id), quantity: 1 }],
    accrueCharge: false,
  })
  const [seats, option] = answer.result.map((one) => one.allocation)
  assert.equal(seats.payment.amountInCents, 1885n)
  assert.equal(option.payment.id, seats.payment.id)
  await refused(held.allocateComponents(Number(subscription.id), {
    allocations: [{ componentId: Number(made.seats.id), quantity: 9 }, { componentId: 99999, quantity: 1 }],
  }), 422)
  const { component } = (await held.readSubscriptionComponent(Number(subscription.id), Number(made.seats.id))).result
  assert.equal(component.allocatedQuantity, 2)
})

test('direction is by total cost: 10 to 11 units of a volume price costs less', async () => {
  const subscription = await subscribe({ components: [{ componentId: made.volume.id, allocatedQuantity: 10 }] })
  const shown = await preview(subscription, [{ componentId: Number(made.volume.id), quantity: 11 }])
  assert.equal(shown.direction, 'downgrade')
  assert.equal(shown.totalInCents, -900n)
})

test('a price point of the request prices all of it; 53 to 57 at 8 dollars', async () => {
  await now('2024-04-08T09:00:00Z')
  const subscription = made.many = await subscribe({ components: [{ componentId: made.seats.id, allocatedQuantity: 1 }] })
  const shown = await allocate(subscription, made.seats, { quantity: 53, pricePointId: Number(made.eight.id), upgradeCharge: 'none' })
  assert.equal(shown.pricePointHandle, 'eight')
  assert.equal(shown.upgradeCharge, 'none')
  const next = await preview(subscription, [{ componentId: Number(made.seats.id), quantity: 57 }])
  assert.equal(next.totalInCents, 3200n) /* its period has just begun: all of it is left */
  for (let quantity = 54; quantity <= 106; quantity++) await allocate(subscription, made.seats, { quantity, upgradeCharge: 'none' })
})

// ---------------------------------------------------------------------------------------------------- lists and filters

test('allocations are listed 50 a page, newest first, and empty past the end', async () => {
  const page = async (number) => (await held.listAllocations(Number(made.many.id), Number(made.seats.id), number)).result
  const first = await page(1), second = await page(2)
  assert.equal(first.length, 50)
  assert.equal(first[0].allocation.quantity, 106)
  assert.ok(second.length > 0)
  assert.deepEqual(await page(9), [])
  await refused(page(0), 422, { errors: ['invalid page: 0'] })
})

test('components of a subscription, of the site, and their filters', async () => {
  const mine = (await held.listSubscriptionComponents({ subscriptionId: Number(made.april.id) })).result
  assert.equal(mine[0].component.componentHandle, 'seats')
  const inUse = (await held.listSubscriptionComponents({ subscriptionId: Number(made.april.id), inUse: true, sort: 'updated_at', direction: 'asc' })).result
  assert.equal(inUse.length, 1)
  const euro = (await held.listSubscriptionComponents({ subscriptionId: Number(made.april.id), filter: { currencies: ['EUR'] } })).result
  assert.deepEqual(euro, [])
  const all = (await held.listSubscriptionComponentsForSite({
    subscriptionIds: [Number(made.april.id), Number(made.many.id)], filter: { subscription: { states: ['active', 'trialing'] } },
    productFamilyIds: [Number(made.family.id)], include: 'subscription', perPage: 20,
  })).result.subscriptionsComponents
  assert.equal(all.length, 2)
  assert.equal(all[0].subscription.state, 'active')
  assert.deepEqual((await held.listSubscriptionComponentsForSite({ page: 99 })).result.subscriptionsComponents, [])
  await refused(held.readSubscriptionComponent(99999, Number(made.seats.id)), 404)
  await refused(held.readSubscriptionComponent(Number(made.april.id), 99999), 404)
})

test('price points of many components, and back to the defaults', async () => {
  const id = Number(made.april.id)
  const moved = (await held.bulkUpdateSubscriptionComponentsPricePoints(id, {
    components: [{ componentId: Number(made.seats.id), pricePoint: 'eight' }],
  })).result
  assert.equal(moved.components[0].pricePoint, Number(made.eight.id))
  await refused(held.bulkUpdateSubscriptionComponentsPricePoints(id, {
    components: [{ componentId: Number(made.seats.id), pricePoint: 'nobody' }],
  }), 422, { errors: [{ component_id: Number(made.seats.id), price_point: 'nobody', message: 'Price Point does not belong to Component' }] })
  const reset = (await held.bulkResetSubscriptionComponentsPricePoints(id)).result.subscription
  assert.equal(reset.id, made.april.id)
  const { component } = (await held.readSubscriptionComponent(id, Number(made.seats.id))).result
  assert.equal(component.pricePointType, 'default')
})

// ---------------------------------------------------------------------------------------------------- errors

test('what allocations refuse, in each shape', async () => {
  const id = Number(made.april.id), seats = Number(made.seats.id)
  await refused(held.allocateComponents(id, { allocations: [] }), 422, { errors: ['One or more allocation changes are required.'] })
  await refused(held.allocateComponent(id, Number(made.option.id), { allocation: { quantity: 2 } }), 422,
    { errors: ['Quantity: must be either 1 (on) or 0 (off).'] })
  await refused(held.allocateComponent(id, Number(made.calls.id), { allocation: { quantity: 2 } }), 422)
  await refused(held.previewAllocations(id, { allocations: [{ componentId: Number(made.option.id), quantity: 2 }] }), 422, {
    errors: [{ kind: 'allocation', component_id: Number(made.option.id), on: 'quantity', message: 'Quantity: must be either 1 (on) or 0 (off).' }],
  })
  const base = await refused(held.previewAllocations(id, { allocations: [{ componentId: Number(made.calls.id), quantity: 1 }] }), 422)
  assert.equal(JSON.parse(base.body).errors[0].on, 'base')
  await refused(held.allocateComponent(99999, seats, { allocation: { quantity: 2 } }), 404)
  await refused(subscribe({ productHandle: 'nobody' }), 422)
  await refused(subscribe({ creditCardAttributes: { ...card, fullNumber: '4000000000000002' } }), 422)
  await refused(subscribe({ reference: 'april' }), 422, { errors: ['Reference: must be unique - that value has been taken.'] })
})

// ---------------------------------------------------------------------------------------------------- usage, lots

const use = async (subscription, component, usage) =>
  (await held.createUsage(Number(subscription.id), component.handle ? `handle:${component.handle}` : Number(component.id), { usage })).result.usage
const holding = async (subscription, component) =>
  (await held.readSubscriptionComponent(Number(subscription.id), Number(component.id))).result.component

test('usage: recorded, taken back down to nothing, listed by its filters, billed by tiers', async () => {
  await now('2024-04-09T00:00:00Z')
  const subscription = made.user = await subscribe({ reference: 'user' })
  const first = await use(subscription, made.calls, { quantity: 100, memo: 'one' })
  assert.equal(first.quantity, 100)
  assert.equal(first.memo, 'one')
  await use(subscription, made.calls, { quantity: -200 })
  assert.equal((await holding(subscription, made.calls)).unitBalance, 0)
  await use(subscription, made.calls, { quantity: 162.7 })
  assert.equal((await holding(subscription, made.calls)).unitBalance, 162)
  await refused(held.createUsage(Number(subscription.id), Number(made.calls.id), { usage: { quantity: 1, pricePointId: '999' } }), 422,
    { errors: ['Price point: could not be found.'] })
  await refused(held.createUsage(Number(subscription.id), Number(made.seats.id), { usage: { quantity: 1 } }), 422)
  const list = async (more) => (await held.listUsages({ subscriptionId: Number(subscription.id), componentId: Number(made.calls.id), ...more })).result
  assert.deepEqual((await list({})).map((one) => one.usage.quantity), [162, -200, 100])
  assert.deepEqual((await list({ perPage: 1, page: 2 })).map((one) => one.usage.quantity), [-200])
  assert.equal((await list({ maxId: first.id })).length, 1)
  assert.equal((await list({ sinceDate: '2024-04-10' })).length, 0)
  assert.deepEqual(await list({ page: 9 }), [])
})

test('lots of a prepaid component: bought, used oldest first, another end, taken back', async () => {
  const subscription = made.buyer = await subscribe({})
  const id = Number(subscription.id), minutes = Number(made.minutes.id)
  const buy = (quantity) => allocate(subscription, made.minutes, { quantity, accrueCharge: true })
  const lots = [await buy(600), await buy(800)]
  assert.equal((await holding(subscription, made.minutes)).allocatedQuantity, 1400)
  await use(subscription, made.minutes, { quantity: 700 })
  const listed = (await held.listAllocations(id, minutes)).result.map((one) => one.allocation)
  assert.deepEqual(listed.map((lot) => lot.usedQuantity), [100n, 600n])
  const over = await use(subscription, made.minutes, { quantity: 800 })
  assert.equal(over.overageQuantity, 100)
  const last = await buy(100)
  /* the SDK knows the schemes itself */
  const gift = await fetch(`${url}/subscriptions/${id}/components/${minutes}/allocations/${last.allocationId}.json`, {
    method: 'DELETE', headers: { authorization: 'Basic ' + Buffer.from(key + ':x').toString('base64') }, body: '{"credit_scheme":"gift"}',
  })
  assert.equal(gift.status, 422)
  assert.deepEqual(await gift.json(), { errors: [{ kind: 'base', on: 'base', message: 'Credit scheme must be one of credit, refund or none.' }] })
  await held.deletePrepaidUsageAllocation(id, minutes, Number(last.allocationId), { creditScheme: 'credit' })
  await refused(held.deletePrepaidUsageAllocation(id, minutes, 99999, { creditScheme: 'none' }), 404)
  await refused(held.updatePrepaidUsageAllocationExpirationDate(id, minutes, Number(lots[0].allocationId), { allocation: {} }), 422,
    { errors: [{ kind: 'base', on: 'base', message: 'A valid expires_at date must be provided.' }] })
  await refused(held.updatePrepaidUsageAllocationExpirationDate(id, minutes, 99999, { allocation: { expiresAt: '2024-05-05T16:00:00Z' } }), 404)
})

// ---------------------------------------------------------------------------------------------------- events

test('events: activated, sent one by one and in bulk, counted once a token, billed', async () => {
  await now('2024-04-10T00:00:00Z')
  const subscription = await subscribe({})
  const id = Number(subscription.id), bytes = Number(made.bytes.id)
  await held.activateEventBasedComponent(id, bytes)
  await held.activateEventBasedComponent(id, bytes)
  const event = (bytes, token) => ({ chargify: { subscriptionId: id, uniquenessToken: token, timestamp: '2024-04-11T00:00:00Z' }, bytes })
  await now('2024-04-12T00:00:00Z')
  await held.recordEvent('api-calls', undefined, event(100, 'a'))
  await held.recordEvent('api-calls', undefined, event(100, 'a'))
  await held.bulkRecordEvents('api-calls', undefined, [event(50), event(50)])
  await refused(held.bulkRecordEvents('api-calls', undefined, Array.from({ length: 1001 }, () => event(1))), 422)
  await now('2024-05-10T00:00:00Z')
  const renewal = (await invoicesOf(subscription))[0]
  assert.equal(renewal.lineItems.find((line) => line.componentId === bytes).totalAmount, '2.0')
  const line = async (subscription, component) =>
    (await invoicesOf(subscription))[0].lineItems.find((one) => one.componentId === Number(component.id))
  const calls = await line(made.user, made.calls) /* 162 of which 100 are free */
  assert.deepEqual([calls.quantity, calls.totalAmount, calls.tieredUnitPrice], ['162.0', '31.0', true])
  assert.deepEqual(calls.componentCostData.rates[0].tiers.map((tier) => [tier.quantity, tier.amount]), [['100.0', '0.0'], ['62.0', '31.0']])
  const overage = (await invoicesOf(made.buyer))[0].lineItems.filter((one) => one.componentId === Number(made.minutes.id))
  assert.ok(overage.some((one) => one.totalAmount === '25.0'), JSON.stringify(overage.map((one) => one.totalAmount)))
  const past = (await held.listSubscriptionComponents({ subscriptionId: Number(made.user.id), include: ['historic_usages'] })).result
  assert.equal(past[0].component.historicUsages[0].totalUsageQuantity, 162)
  await held.deactivateEventBasedComponent(id, bytes)
  const { component } = (await held.readSubscriptionComponent(id, bytes)).result
  assert.equal(component.enabled, false)
})

test('balances, renewals by the dozen', async () => {
  const subscription = await subscribe({ components: [{ componentId: made.seats.id, allocatedQuantity: 1 }] })
  const balances = (await accounts.readAccountBalances(Number(subscription.id))).result
  assert.equal(balances.openInvoices.balanceInCents, 0n)
  await now('2025-05-10T00:00:00Z')
  assert.equal((await invoicesOf(subscription)).length, 13)
})

await run()
