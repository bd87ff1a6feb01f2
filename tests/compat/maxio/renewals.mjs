// renewals.mjs: what a renewal makes of what was bought ahead, used, counted and changed: spec maxio.md 7.8 to 7.11.
import { allocate, balances, components, held, holding, invoices, invoicesOf, made, now, raw, subscribe, subscriptions, use } from './shop.mjs'
import { assert, refused, test } from './check.mjs'

const flags = [['neither', false, false, 0, 0], ['rollover', true, false, 70, 0], ['renewed', false, true, 100, 1000], ['both', true, true, 170, 1000]]
const state = async (subscription) => (await subscriptions.readSubscription(Number(subscription.id))).result.subscription
const linesOf = (invoice, component) => invoice.lineItems.filter((line) => line.componentId === Number(component.id))

test('metered components of one period, and lots of each pair of flags', async () => {
  await now('2025-06-01T08:30:15Z')
  made.renewals = {}
  for (const [name, rolloverPrepaidRemainder, renewPrepaidAllocation] of flags) {
    const { component } = (await components.createPrepaidUsageComponent(String(made.family.id), {
      prepaidUsageComponent: {
        name: `Lots ${name}`, unitName: 'unit', handle: `lots-${name}`, pricingScheme: 'per_unit', unitPrice: '0.1',
        rolloverPrepaidRemainder, renewPrepaidAllocation, overagePricing: { pricingScheme: 'per_unit', prices: [{ startingQuantity: 1, unitPrice: '0.25' }] },
      },
    })).result
    const subscription = await subscribe()
    const lot = await allocate(subscription, component, { quantity: 100 })
    await use(subscription, component, { quantity: 30 })
    made.renewals[name] = { component, subscription, lot }
  }
  made.meter = await subscribe({ components: [{ componentId: made.calls.id, unitBalance: 94 }, { componentId: made.seats.id, allocatedQuantity: 3 }] })
  assert.equal((await holding(made.meter, made.calls)).unitBalance, 94)
  await use(made.meter, made.calls, { quantity: 100 })
  await use(made.meter, made.quarter, { quantity: 162 })
  await use(made.meter, made.quarter, { quantity: -200 })
  await use(made.meter, made.quarter, { quantity: 30 })
  assert.equal((await holding(made.meter, made.quarter)).unitBalance, 30) /* what is below nothing is forgotten */
  await use(made.meter, made.quarter, { quantity: 132 })
})

test('nothing is renewed a second too early', async () => {
  await now('2025-07-01T08:30:14Z')
  assert.equal((await invoicesOf(made.meter)).length, 1)
  assert.equal((await state(made.meter)).currentPeriodEndsAt, '2025-07-01T08:30:15Z')
  await now('2025-07-01T08:30:15Z')
  assert.equal((await invoicesOf(made.meter)).length, 2)
  assert.equal((await state(made.meter)).currentPeriodEndsAt, '2025-08-01T08:30:15Z')
})

for (const [name, , , left, cents] of flags)
  test(`100 bought and 30 used, ${name}: ${left} are left`, async () => {
    const { component, subscription } = made.renewals[name]
    assert.equal((await holding(subscription, component)).allocatedQuantity, left)
    const [renewal] = await invoicesOf(subscription)
    const bought = linesOf(renewal, component).reduce((sum, line) => sum + Math.round(line.totalAmount * 100), 0)
    /* the first lot was accrued and is on it too */
    assert.equal(bought, 1000 + cents)
  })

test('194 units of which 100 are free: 47.0, blended 0.24226804; 162 above 100 at 0.25: 15.5; 3 seats in advance', async () => {
  const [renewal] = await invoicesOf(made.meter)
  const [calls] = linesOf(renewal, made.calls), [quarter] = linesOf(renewal, made.quarter), [seats] = linesOf(renewal, made.seats)
  assert.deepEqual([calls.quantity, calls.totalAmount, calls.unitPrice, calls.tieredUnitPrice], ['194.0', '47.0', '0.24226804', true])
  assert.deepEqual(calls.componentCostData.rates[0].tiers.map((tier) => [tier.quantity, tier.unitPrice, tier.amount]),
    [['100.0', '0.0', '0.0'], ['94.0', '0.5', '47.0']])
  assert.deepEqual([quarter.quantity, quarter.totalAmount], ['162.0', '15.5'])
  assert.deepEqual([calls.periodRangeStart, calls.periodRangeEnd, seats.periodRangeStart, seats.periodRangeEnd],
    ['2025-06-01', '2025-07-01', '2025-07-01', '2025-08-01'])
  assert.equal(seats.totalAmount, '30.0')
  assert.equal(renewal.role, 'renewal')
  assert.equal((await holding(made.meter, made.calls)).unitBalance, 0)
})

test('an accrued change is on the renewal, with what is had from then on', async () => {
  const all = await invoicesOf(made.waits), [first] = all.slice(-1)
  assert.equal(first.issueDate, '2024-05-01')
  assert.deepEqual(linesOf(first, made.seats).map((line) => line.totalAmount).sort(), ['100.0', '37.71'])
})

test('a lot is taken back for nothing, for a credit of 10.0, or for a refund with its note', async () => {
  const { component } = made.renewals.neither
  const notes = async (subscription) => (await invoices.listCreditNotes({ subscriptionId: Number(subscription.id) })).result.creditNotes
  /* what is refunded is a note here, and waits as a credit until somebody pays it back */
  for (const [creditScheme, credited, refunded] of [['none', 0n, 0], ['credit', 1000n, 0], ['refund', 1000n, 1]]) {
    const subscription = await subscribe()
    const lot = await allocate(subscription, component, { quantity: 100, accrueCharge: false })
    assert.equal(lot.payment.amountInCents, 1000n)
    await held.deletePrepaidUsageAllocation(Number(subscription.id), Number(component.id), Number(lot.allocationId), { creditScheme })
    assert.equal((await holding(subscription, component)).allocatedQuantity, 0)
    assert.equal((await balances(subscription)).serviceCredits.balanceInCents, credited, creditScheme)
    const given = await notes(subscription)
    assert.deepEqual(given.map((note) => note.totalAmount), refunded ? ['10.0'] : [], creditScheme)
  }
})

test('lots that expire: by the interval of their price point, at another date, never in a period that is over', async () => {
  const { component } = (await components.createPrepaidUsageComponent(String(made.family.id), {
    prepaidUsageComponent: {
      name: 'Milk', unitName: 'bottle', handle: 'milk', pricingScheme: 'per_unit', unitPrice: '0.1', expirationInterval: 5, expirationIntervalUnit: 'day',
      overagePricing: { pricingScheme: 'per_unit', prices: [{ startingQuantity: 1, unitPrice: '0.25' }] },
    },
  })).result
  const subscription = await subscribe(), id = Number(subscription.id)
  const lot = await allocate(subscription, component, { quantity: 100 })
  assert.equal(new Date(lot.expiresAt).toISOString(), '2025-07-06T08:30:15.000Z')
  const change = (expiresAt) => held.updatePrepaidUsageAllocationExpirationDate(id, Number(component.id), Number(lot.allocationId), { allocation: { expiresAt } })
  await change('2025-07-10T00:00:00Z')
  await refused(change('2025-06-30T00:00:00Z'), 422,
    { errors: [{ kind: 'base', on: 'base', message: 'Expires at: must be greater than or equal to 2025-07-01' }] })
  await now('2025-07-09T23:59:59Z')
  assert.equal((await holding(subscription, component)).allocatedQuantity, 100)
  await now('2025-07-10T00:00:01Z')
  assert.equal((await holding(subscription, component)).allocatedQuantity, 0)
})

test('events of a stream count to a renewal, and not when they are deactivated before it', async () => {
  await now('2025-07-15T00:00:00Z')
  const bytes = Number(made.bytes.id), kept = await subscribe(), left = await subscribe()
  for (const subscription of [kept, left]) {
    const event = (bytes, timestamp) => ({ chargify: { subscription_id: Number(subscription.id), timestamp }, bytes })
    await held.activateEventBasedComponent(Number(subscription.id), bytes)
    assert.equal((await raw('POST', `/acme/events/api-calls.json`, event(300, '2025-07-15T00:00:00Z'))).status, 201)
    assert.equal((await raw('POST', `/acme/events/api-calls/bulk.json`, [event(100), event(50)])).status, 201)
  }
  await held.deactivateEventBasedComponent(Number(left.id), bytes)
  await now('2025-08-15T00:00:00Z')
  assert.equal(linesOf((await invoicesOf(kept))[0], made.bytes)[0].totalAmount, '4.5')
  assert.deepEqual((await invoicesOf(left)).flatMap((invoice) => linesOf(invoice, made.bytes)), [])
})

test('month ends drift and stick: 31 October, 30 November, 28 February, 28 March', async () => {
  await now('2025-10-31T12:00:00Z')
  const subscription = await subscribe({ components: [{ componentId: made.seats.id, allocatedQuantity: 1 }] })
  await now('2026-03-29T00:00:00Z')
  assert.deepEqual((await invoicesOf(subscription)).map((invoice) => invoice.issueDate),
    ['2026-03-28', '2026-02-28', '2026-01-30', '2025-12-30', '2025-11-30', '2025-10-31'])
})

test('two subscriptions of one customer: balances, revenue and state of each its own', async () => {
  const first = await subscribe({ paymentCollectionMethod: 'remittance', components: [{ componentId: made.seats.id, allocatedQuantity: 2 }] })
  const second = await subscribe({ customerAttributes: undefined, creditCardAttributes: undefined, customerId: Number(first.customer.id),
    components: [{ componentId: made.seats.id, allocatedQuantity: 3 }] })
  assert.deepEqual([(await state(first)).balanceInCents, (await state(second)).balanceInCents], [2000n, 3000n])
  assert.equal((await balances(second)).openInvoices.remittanceBalanceInCents, 3000n)
  assert.deepEqual([(await state(second)).totalRevenueInCents, (await state(second)).signupRevenue], [0n, '0.00'])
})
