// refusals.mjs: what is refused, in each shape.
import { card, components, held, made, points, raw, subscribe } from './shop.mjs'
import { assert, refused, test } from './check.mjs'

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

// What means money or dates, and nothing here does, is refused with a sentence; what asks for nothing of it is not.
const noSchedule = 'Billing schedule: is not spoken here: components are billed with their subscription.'
test('members that nothing here does are refused, each with its sentence', async () => {
  const id = Number(made.april.id), seats = Number(made.seats.id), schedule = { initialBillingAt: '2024-05-01' }
  const allocation = { quantity: 12, billingSchedule: schedule }
  await refused(held.allocateComponent(id, seats, { allocation }), 422, { errors: [noSchedule] })
  await refused(held.allocateComponents(id, { allocations: [{ componentId: seats, ...allocation }] }), 422, { errors: [noSchedule] })
  await refused(held.previewAllocations(id, { allocations: [{ componentId: seats, ...allocation }] }), 422,
    { errors: [{ kind: 'allocation', component_id: seats, on: 'base', message: noSchedule }] })
  await refused(held.createUsage(id, Number(made.calls.id), { usage: { quantity: 1, billingSchedule: schedule } }), 422, { errors: [noSchedule] })
  await refused(held.activateEventBasedComponent(id, Number(made.bytes.id), { billingSchedule: schedule }), 422)
  await refused(held.allocateComponents(id, { allocations: [{ componentId: seats, quantity: 12 }], paymentCollectionMethod: 'remittance' }), 422,
    { errors: ['Payment collection method: must be that of the subscription: allocations are paid for as all of it is.'] })
  const at = String(made.family.id), metered = { name: 'Own', unitName: 'u', pricingScheme: 'per_unit', unitPrice: '1' }
  for (const more of [{ interval: 3, intervalUnit: 'month' }, { pricePoints: [{ name: 'p', pricingScheme: 'per_unit', interval: 2, intervalUnit: 'day', prices: [{ startingQuantity: 1, unitPrice: 1 }] }] }])
    await refused(components.createMeteredComponent(at, { meteredComponent: { ...metered, ...more } }), 422)
  await refused(points.createComponentPricePoint(seats, {
    pricePoint: { name: 'Gross', pricingScheme: 'per_unit', prices: [{ startingQuantity: 1, unitPrice: '8' }], taxIncluded: true },
  }), 422, { errors: ['Tax included: is not spoken here: whether prices include taxes is a setting of the site.'] })
  await refused(components.updateComponent(String(seats), { component: { interval: 2, intervalUnit: 'month' } }), 422)
  for (const more of [{ currency: 'EUR' }, { calendarBilling: { snapDay: 1 } }, { expiresAt: '2025-01-01' }, { netTerms: '30' }, { couponCodes: ['A', 'B'] },
    { paymentProfileId: 99999, creditCardAttributes: undefined }, { components: [{ componentId: seats, unitBalance: 4 }] },
    { productPricePointId: 7 }, { customerAttributes: { firstName: 'A', lastName: 'B', email: 'a@example.org', vatNumber: 'SE1' } }])
    await refused(subscribe(more), 422)
  assert.equal((await held.readSubscriptionComponent(id, seats)).result.component.allocatedQuantity, 10)
  await held.allocateComponent(id, seats, { allocation: { quantity: 10, billingSchedule: {} } })
})

test('a card that is none is refused', async () => {
  for (const number of [true, false, 0, '', [], {}, null]) {
    const answer = await raw('POST', '/subscriptions.json', { subscription: {
      product_handle: 'basic', customer_reference: 'ada-1', credit_card_attributes: { full_number: number, cvv: true, expiration_month: 12, expiration_year: 2030 } } })
    assert.equal(answer.status, 422, JSON.stringify(number))
  }
})

test('a parameter that asks for what there is not is told so', async () => {
  for (const query of ['sort=name', 'direction=up', 'date_field=due_date', 'start_date=soon', 'subscription_ids=1,two', 'filter[subscription][date_field]=never'])
    assert.equal((await raw('GET', `/subscriptions_components.json?${query}`)).status, 422, query)
})

