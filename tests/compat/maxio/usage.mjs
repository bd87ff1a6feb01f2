// usage.mjs: usage, and lots of prepaid components.
import { allocate, components, held, holding, key, made, now, subscribe, url, use } from './shop.mjs'
import { assert, refused, test } from './check.mjs'

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
