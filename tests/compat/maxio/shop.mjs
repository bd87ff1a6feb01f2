// shop.mjs: the site that all tests share, and what they ask of it. Tests run in the order of their files: time only goes on.
import { connect, native, sdk } from './client.mjs'

export { connect, sdk }

export const [url, site, key] = process.argv.slice(2)
export const client = connect({ url, site, key })
export const ask = native({ url, key })
export const families = new sdk.ProductFamiliesController(client), products = new sdk.ProductsController(client)
export const components = new sdk.ComponentsController(client), points = new sdk.ComponentPricePointsController(client)
export const customers = new sdk.CustomersController(client), subscriptions = new sdk.SubscriptionsController(client)
export const held = new sdk.SubscriptionComponentsController(client), invoices = new sdk.InvoicesController(client)
export const accounts = new sdk.SubscriptionInvoiceAccountController(client), sites = new sdk.SitesController(client)

export const now = (instant) => ask('PUT', '/v1/clock', { now: instant })
export const card = { fullNumber: '4111111111111111', expirationMonth: 12, expirationYear: 2030, firstName: 'Ada', lastName: 'Byron' }
let people = 0
export const person = () => ({ firstName: 'Ada', lastName: 'Byron', email: `ada${++people}@example.org`, reference: `ada-${people}` })

export const made = {}
export const subscribe = async (more = {}) => {
  const answer = await subscriptions.createSubscription({
    subscription: { productHandle: 'basic', customerAttributes: person(), creditCardAttributes: card, ...more },
  })
  return answer.result.subscription
}
export const allocate = async (subscription, component, allocation) =>
  (await held.allocateComponent(Number(subscription.id), Number(component.id), { allocation })).result.allocation
export const preview = async (subscription, allocations, more = {}) =>
  (await held.previewAllocations(Number(subscription.id), { allocations, ...more })).result.allocationPreview
export const invoicesOf = async (subscription) =>
  (await invoices.listInvoices({ subscriptionId: Number(subscription.id), lineItems: true, payments: true, perPage: 200 })).result.invoices
export const use = async (subscription, component, usage) =>
  (await held.createUsage(Number(subscription.id), component.handle ? `handle:${component.handle}` : Number(component.id), { usage })).result.usage
export const holding = async (subscription, component) =>
  (await held.readSubscriptionComponent(Number(subscription.id), Number(component.id))).result.component
// The present period is that of April 2024, whenever in it somebody signs up.
export const april = (more) => subscribe({ nextBillingAt: '2024-05-01T00:00:00Z', previousBillingAt: '2024-04-01T00:00:00Z', ...more })
export const balances = async (subscription) => (await accounts.readAccountBalances(Number(subscription.id))).result
// Pages and members that the SDK does not know.
export const raw = async (method, path, body) => {
  const answer = await fetch(url + path, {
    method, body: body && JSON.stringify(body),
    headers: { authorization: 'Basic ' + Buffer.from(key + ':x').toString('base64'), 'content-type': 'application/json' },
  })
  const text = await answer.text()
  return { status: answer.status, body: text ? JSON.parse(text) : undefined }
}
