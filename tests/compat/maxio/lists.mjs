// lists.mjs: lists, pages and filters.
import { held, invoices, made } from './shop.mjs'
import { assert, refused, test } from './check.mjs'

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

test('the site has a page of components at a time, in either order, and by the dates of their subscriptions', async () => {
  const page = async (more) => (await held.listSubscriptionComponentsForSite(more)).result.subscriptionsComponents.map((one) => one.id)
  const all = await page({ perPage: 200 })
  assert.deepEqual(all, [...all].sort((a, b) => b - a))
  assert.deepEqual([...await page({ perPage: 3 }), ...await page({ perPage: 3, page: 2 })], all.slice(0, 6))
  assert.deepEqual(await page({ perPage: 3, direction: 'asc' }), all.slice(-3).reverse())
  const changed = await page({ perPage: 200, sort: 'updated_at', direction: 'asc' })
  assert.deepEqual([...changed].sort((a, b) => a - b), [...all].reverse())
  const owners = { filter: { subscription: { dateField: 'updated_at', startDate: '2016-12-01', endDate: '2016-12-31' } }, perPage: 200 }
  assert.deepEqual(await page(owners), []) /* all were billed since */
  assert.deepEqual(await page({ ...owners, filter: { subscription: { startDate: '2016-12-01' } } }), all)
})

test('invoices by the day, the customer, the product, the number, oldest or newest first', async () => {
  const list = async (more) => (await invoices.listInvoices({ perPage: 200, ...more })).result.invoices
  const mine = await list({ subscriptionId: Number(made.long.id) })
  const year = { subscriptionId: Number(made.long.id), dateField: 'issue_date', startDate: '2017-01-01', endDate: '2017-12-31' }
  assert.equal((await list(year)).length, 12)
  assert.equal((await list({ ...year, dateField: 'created_at', startDatetime: '2017-12-01 00:00:00', startDate: undefined })).length, 1)
  assert.equal((await list({ ...year, dateField: 'paid_date' })).length, 12)
  const oldest = await list({ subscriptionId: Number(made.long.id), direction: 'asc' })
  assert.deepEqual(oldest.map((one) => one.uid), mine.map((one) => one.uid).reverse())
  assert.equal((await list({ mNumber: [mine[0].number] })).length, 1)
  assert.equal((await list({ customerIds: [Number(made.long.customer.id)] })).length, mine.length)
  assert.equal((await list({ productIds: [99999] })).length, 0)
  assert.equal((await list({ productIds: [Number(made.product.id)], perPage: 1, page: 2 })).length, 1)
})

