// suite.mjs: the official SDK against a server: set-up, the methods of subscription components, every shape of errors, paging,
// filters, and figures to the cent. Contract: spec maxio.md 4 to 7 and 12. Usage: node suite.mjs URL SITE KEY
import './catalog.mjs'
import './figures.mjs'
import './lists.mjs'
import './refusals.mjs'
import './usage.mjs'
import './events.mjs'
import './renewals.mjs'
import './calls.mjs'
import { run } from './check.mjs'

await run()
