-- conventions.lua: how a plan counts, by the name of a system that counts so.
--
--     convention "killbill" { anchor = "bill_cycle_day", unit = "day", policies = { ... }, doc = "..." }
--
--   anchor     where cycles begin: one of the table below, whose sentences explanations quote
--   unit       day: policies are told days; second: seconds of the account's clock as well
--   policies   the rules that decide where neither the plan nor the settings nor the bundle has one
--
-- docs/conventions.md has an example of each; tests/billing/test_convention.c computes them.

anchors {
	bill_cycle_day = "Cycles begin on the bill cycle day of the start's month, or a period after it when that has passed; each change counts anew.",
	bill_cycle_day_of_month = "Cycles are counted from the bill cycle day of the start's month, also when that lies before the start.",
	bill_cycle_day_before = "Cycles are counted from the last bill cycle day on or before the start.",
	anniversary = "Cycles begin on the day of the start; a month without it has its last day, the next its own again.",
	month_end = "Cycles begin on the day of the start; a month's end that was met stays.",
	calendar = "Cycles begin on Mondays, and on the 1st of months, quarters, half years and years.",
}

convention "killbill" {
	anchor = "bill_cycle_day", unit = "day",
	policies = { proration = "proration/killbill", rounding = "rounding/half_up", tax = "tax/percent", discount = "discount/percent", credit_note = "credit_note/credit" },
	doc = "Days of [start, end) over the days of the period, to nine digits; then to the cent.",
}

convention "lago" {
	anchor = "calendar", unit = "day",
	policies = { proration = "proration/inclusive_days", rounding = "rounding/tax_once", tax = "tax/percent", discount = "discount/percent", credit_note = "credit_note/refund" },
	doc = "Local days, first and last counted, over the days of the whole calendar period; an invoice's taxes are rounded once.",
}

convention "stripe" {
	anchor = "anniversary", unit = "second",
	policies = { proration = "proration/seconds", rounding = "rounding/half_up", tax = "tax/percent", discount = "discount/percent", credit_note = "credit_note/credit" },
	doc = "Seconds over the seconds of the period; each line to the cent.",
}

convention "blubilling" {
	anchor = "bill_cycle_day_before", unit = "day",
	policies = { proration = "proration/inclusive_days", rounding = "rounding/half_up", tax = "tax/percent", discount = "discount/percent", credit_note = "credit_note/credit" },
	doc = "Days, first and last counted, over the days of the period; each line to the cent.",
}

convention "maxio" {
	anchor = "month_end", unit = "second",
	policies = { proration = "proration/seconds", rounding = "rounding/half_up", tax = "tax/percent", discount = "discount/percent", credit_note = "credit_note/credit" },
	doc = "Seconds over the seconds of the period; month ends drift and stay.",
}

convention "meteroid" {
	anchor = "bill_cycle_day_of_month", unit = "day",
	policies = { proration = "proration/half_open_days", rounding = "rounding/half_up", tax = "tax/compound", discount = "discount/percent", credit_note = "credit_note/credit" },
	doc = "Days of [start, end) over the days of the period; a first period ends at the anchor day of its month.",
}
