// events.mjs: streams of events, and renewals.
import { accounts, balances, held, invoicesOf, made, now, subscribe } from './shop.mjs'
import { assert, refused, test } from './check.mjs'

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
