// figures.mjs: what changes of quantities cost, to the cent: spec maxio.md 7.4 to 7.7.
import { allocate, april, balances, card, components, held, holding, invoicesOf, made, now, preview, subscribe, subscriptions } from './shop.mjs'
import { assert, refused, test } from './check.mjs'

const monthly = (invoice) => [invoice.issueDate, invoice.totalAmount]

test('one subscribes on 1 December 2016, and is forgotten until 2024', async () => {
  made.long = await subscribe({ components: [{ componentId: made.seats.id, allocatedQuantity: 1 }] })
  assert.equal(made.long.currentPeriodEndsAt, '2017-01-01T00:00:00Z')
  await now('2016-12-07T20:29:07Z')
})

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

test('88 renewals in one move of the clock', async () => {
  await now('2024-04-01T00:00:00Z')
  const all = await invoicesOf(made.long)
  assert.equal(all.length, 89) /* and the first */
  assert.deepEqual(monthly(all[0]), ['2024-04-01', '10.0'])
  assert.deepEqual(monthly(all[88]), ['2016-12-01', '10.0'])
  assert.ok(all.every((invoice) => invoice.status === 'paid'))
  assert.deepEqual([all[88].role, all[0].role], ['signup', 'renewal'])
  const shown = (await subscriptions.readSubscription(Number(made.long.id))).result.subscription
  assert.equal(shown.totalRevenueInCents, 89000n)
  assert.equal(shown.currentPeriodEndsAt, '2024-05-01T00:00:00Z')
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

// 1,954,800 of 2,592,000 seconds are left: maxio.md 7.5.
const changes = [
  ['5 to 10 seats', 'seats', 5, 10, 3771n], ['10 to 4', 'seats', 10, 4, -4525n], ['0 to 4', 'seats', 0, 4, 3017n],
  ['5 to 4', 'seats', 5, 4, -754n], ['53 to 57 at 8 dollars', 'seats', 53, 57, 2413n, 'eight'],
]
for (const [name, component, from, to, cents, pricePointId] of changes) {
  test(`${name} on 8 April at 9: ${cents} cents, as previewed, allocated, invoiced and paid`, async () => {
    const point = pricePointId && Number(made[pricePointId].id)
    const subscription = await april({ components: [{ componentId: made[component].id, allocatedQuantity: from, pricePointId: point }] })
    const schemes = { upgradeCharge: 'prorated', downgradeCredit: 'prorated' }
    const id = Number(made[component].id)
    const shown = await preview(subscription, [{ componentId: id, quantity: to }], schemes)
    assert.equal(shown.totalInCents, cents)
    assert.equal(shown.lineItems[0].memo, `Seats: ${from} to ${to} units`)
    const allocation = await allocate(subscription, made[component], { quantity: to, accrueCharge: false, ...schemes })
    if (cents > 0n) {
      const [invoice] = await invoicesOf(subscription)
      assert.equal(allocation.payment.amountInCents, cents)
      assert.equal(Math.round(invoice.totalAmount * 100), Number(cents))
      assert.equal(Math.round(invoice.lineItems[0].totalAmount * 100), Number(cents))
      assert.deepEqual([invoice.role, invoice.status, invoice.payments[0].appliedAmount], ['proration', 'paid', invoice.totalAmount])
    } else {
      const { serviceCredits, pendingDiscounts } = await balances(subscription)
      assert.equal(serviceCredits.balanceInCents + pendingDiscounts.balanceInCents, -cents)
    }
  })
}

test('4 to 6 seats and the option: 1508 and 377 are 1885; half a period is half', async () => {
  const subscription = await april({ components: [{ componentId: made.seats.id, allocatedQuantity: 4 }] })
  const items = [{ componentId: Number(made.seats.id), quantity: 6 }, { componentId: Number(made.option.id), quantity: 1 }]
  const shown = await preview(subscription, items)
  assert.deepEqual(shown.lineItems.map((line) => line.amountInCents), [1508n, 377n])
  assert.equal(shown.totalInCents, 1885n)
  const half = await april({ components: [{ componentId: made.seats.id, allocatedQuantity: 5 }] })
  assert.equal((await preview(half, [{ componentId: Number(made.seats.id), quantity: 10 }], { effectiveProrationDate: '2024-04-16T00:00:00Z' })).totalInCents, 2500n)
})

test('a site gives nothing back where nobody says so; an on/off component is logged as 1 and 0', async () => {
  const subscription = await april({ components: [{ componentId: made.option.id, enabled: true }] })
  const off = await allocate(subscription, made.option, { quantity: 0 })
  assert.deepEqual([off.downgradeCredit, off.prorationDowngradeScheme, off.payment], ['none', 'no-prorate', null])
  assert.deepEqual([off.previousQuantity, off.quantity], [1, 0])
  const { serviceCredits, pendingDiscounts } = await balances(subscription)
  assert.deepEqual([serviceCredits.balanceInCents, pendingDiscounts.balanceInCents], [0n, 0n])
})

test('the scheme is that of the item, else of the component, else of the request, else of the site', async () => {
  const { component } = (await components.createQuantityBasedComponent(String(made.family.id), {
    quantityBasedComponent: { name: 'Desks', unitName: 'desk', handle: 'desks', pricingScheme: 'per_unit', unitPrice: '10', upgradeCharge: 'full' },
  })).result
  const subscription = await april({})
  const total = async (item, request) =>
    (await preview(subscription, [{ componentId: Number(component.id), quantity: 1, ...item }], request)).totalInCents
  assert.equal(await total({}, { upgradeCharge: 'none' }), 1000n)
  assert.equal(await total({ upgradeCharge: 'prorated' }, { upgradeCharge: 'none' }), 754n)
  assert.equal(await total({ upgradeCharge: 'none' }, {}), 0n)
  assert.equal((await preview(subscription, [{ componentId: Number(made.seats.id), quantity: 1 }], { upgradeCharge: 'full' })).totalInCents, 1000n)
})

test('items of different schemes: each line tells its own direction, and nothing tells one of all', async () => {
  const subscription = await april({ components: [{ componentId: made.seats.id, allocatedQuantity: 5 }, { componentId: made.fractions.id, allocatedQuantity: '4' }] })
  const shown = await preview(subscription, [
    { componentId: Number(made.seats.id), quantity: 10, upgradeCharge: 'full', downgradeCredit: 'none' },
    { componentId: Number(made.fractions.id), quantity: 2, upgradeCharge: 'prorated', downgradeCredit: 'full' },
  ])
  assert.deepEqual([shown.direction ?? null, shown.prorationScheme ?? null], [null, null])
  assert.deepEqual(shown.lineItems.map((line) => [line.direction, line.amountInCents]), [['upgrade', 5000n], ['downgrade', -500n]])
})

test('what is accrued waits; who pays otherwise is sent an invoice; who cannot pay accrues, or goes past due', async () => {
  const waits = made.waits = await april({ components: [{ componentId: made.seats.id, allocatedQuantity: 5 }] })
  assert.equal((await allocate(waits, made.seats, { quantity: 10, accrueCharge: true })).payment, null)
  assert.equal((await invoicesOf(waits)).length, 0)
  const otherwise = await april({ paymentCollectionMethod: 'remittance', components: [{ componentId: made.seats.id, allocatedQuantity: 5 }] })
  assert.equal((await allocate(otherwise, made.seats, { quantity: 10, accrueCharge: false })).payment, null)
  const [invoice] = await invoicesOf(otherwise)
  assert.deepEqual([invoice.status, invoice.totalAmount, invoice.dueAmount, invoice.collectionMethod], ['open', '37.71', '37.71', 'remittance'])
  assert.equal((await balances(otherwise)).openInvoices.remittanceBalanceInCents, 3771n)
  const declines = { ...card, fullNumber: '4000000000000341' }
  const state = async (subscription) => (await subscriptions.readSubscription(Number(subscription.id))).result.subscription.state
  for (const [initiateDunning, kept, wanted] of [[false, 0, 'active'], [true, 1, 'past_due']]) {
    const poor = await april({ creditCardAttributes: declines, components: [{ componentId: made.seats.id, allocatedQuantity: 5 }] })
    await allocate(poor, made.seats, { quantity: 10, accrueCharge: false, initiateDunning })
    assert.equal((await invoicesOf(poor)).filter((one) => one.status === 'open').length, kept)
    assert.equal(await state(poor), wanted)
    assert.equal((await holding(poor, made.seats)).allocatedQuantity, 10)
  }
})

test('prices of every scheme, to the cent', async () => {
  const figures = [
    ['tiered', 10, 2000n], ['tiered', 11, 2100n], ['tiered', 20, 3000n], ['volume', 10, 2000n], ['volume', 11, 1100n], ['volume', 20, 2000n],
    ['stairstep', 1, 1000n], ['stairstep', 10, 1000n], ['stairstep', 11, 2000n], ['stairstep', 21, 3500n], ['late', 7, 900n],
    ['small', 1234, 148n], ['smallest', 1000000, 65n],
  ]
  const subscription = await april({})
  for (const [scheme, quantity, cents] of figures) {
    const shown = await preview(subscription, [{ componentId: Number(made.schemes[scheme].id), quantity, upgradeCharge: 'full' }])
    assert.equal(shown.totalInCents, cents, `${quantity} by ${scheme}`)
  }
  const part = await preview(subscription, [{ componentId: Number(made.fractions.id), quantity: 10.5, upgradeCharge: 'full' }])
  assert.equal(part.totalInCents, 2625n)
  assert.equal(part.allocations[0].quantity, '10.5')
})

test('a preview of what is neither counted nor switched is refused at its base', async () => {
  const error = await refused(held.previewAllocations(Number(made.april.id), { allocations: [{ componentId: Number(made.minutes.id), quantity: 1 }] }), 422)
  assert.deepEqual([JSON.parse(error.body).errors[0].kind, JSON.parse(error.body).errors[0].on], ['allocation', 'base'])
})
