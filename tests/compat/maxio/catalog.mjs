// catalog.mjs: a fresh site, families, products, components of every kind, price points.
import { ask, components, connect, customers, families, made, now, points, products, sdk, site, sites, url } from './shop.mjs'
import { assert, refused, test } from './check.mjs'

test('the clock is set, the site is a fresh one', async () => {
  await now('2016-12-01T00:00:00Z')
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

// What is sold by every scheme: maxio.md 7.2. Brackets: 1 to 10 at 2, 11 and more at 1, unless told.
test('prices of every scheme, units of eight decimals', async () => {
  const at = String(made.family.id)
  const quantity = async (name, pricingScheme, more) => (await components.createQuantityBasedComponent(at, {
    quantityBasedComponent: { name, unitName: 'unit', handle: name.toLowerCase(), pricingScheme, ...more },
  })).result.component
  const two = [{ startingQuantity: 1, endingQuantity: 10, unitPrice: 2 }, { startingQuantity: 11, unitPrice: 1 }]
  made.schemes = {
    tiered: await quantity('Tiers', 'tiered', { prices: two }),
    volume: made.volume,
    stairstep: await quantity('Stairs', 'stairstep', { prices: [
      { startingQuantity: 1, endingQuantity: 10, unitPrice: '10' }, { startingQuantity: 11, endingQuantity: 20, unitPrice: '20' },
      { startingQuantity: 21, unitPrice: '35' }] }),
    late: await quantity('Late', 'tiered', { prices: [{ startingQuantity: 5, unitPrice: '3' }] }),
    small: await quantity('Small', 'per_unit', { unitPrice: '0.0012' }),
    smallest: await quantity('Smallest', 'per_unit', { unitPrice: '0.00000065' }),
  }
  assert.equal(made.schemes.smallest.unitPrice, '0.00000065')
  assert.equal(made.schemes.small.prices[0].unitPrice, '0.0012')
  const above = async (name, unitPrice) => (await components.createMeteredComponent(at, {
    meteredComponent: {
      name, unitName: 'unit', handle: name.toLowerCase(), pricingScheme: 'tiered',
      prices: [{ startingQuantity: 1, endingQuantity: 100, unitPrice: '0' }, { startingQuantity: 101, unitPrice }],
    },
  })).result.component
  made.quarter = await above('Quarter', '0.25')
  assert.equal(made.quarter.recurring, false)
})

test('components and price points are changed, archived, and found again', async () => {
  const at = String(made.family.id)
  const { component } = (await components.createMeteredComponent(at, {
    meteredComponent: { name: 'Old', unitName: 'unit', handle: 'old', pricingScheme: 'per_unit', unitPrice: '1', taxable: true, taxCode: 'D0000' },
  })).result
  const changed = (await components.updateComponent(String(component.id), {
    component: { name: 'New', handle: 'new', description: 'said', accountingCode: 'A1', taxCode: 'D1', taxable: false, itemCategory: 'Other' },
  })).result.component
  assert.deepEqual([changed.name, changed.handle, changed.description, changed.accountingCode, changed.taxCode, changed.taxable, changed.itemCategory],
    ['New', 'new', 'said', 'A1', 'D1', false, 'Other'])
  assert.equal((await components.findComponent('new')).result.component.accountingCode, 'A1')
  await refused(components.updateComponent(String(component.id), { component: { handle: 'seats' } }), 422,
    { errors: ['API Handle: must be unique - that value has been taken.'] })
  const second = (await points.createComponentPricePoint(Number(component.id), {
    pricePoint: { name: 'Two', handle: 'two', pricingScheme: 'per_unit', prices: [{ startingQuantity: 1, unitPrice: '2' }] },
  })).result.pricePoint
  const promoted = (await points.promoteComponentPricePointToDefault(Number(component.id), Number(second.id))).result.component
  assert.equal(promoted.defaultPricePointId, second.id)
  const archived = (await components.archiveComponent(Number(made.family.id), String(component.id))).result
  assert.equal(archived.archived, true)
})
