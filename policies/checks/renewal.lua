-- renewal.lua: for how long a subscription that renews itself goes on.

local function ends(period)
  return { plan = "gold", start_date = date "2030-01-01", end_date = date "2030-06-01", period = duration(period), today = date "2030-05-02" }
end

check "as usual" { on = "renewal", rule = "renewal/usual", given = ends "P3M", expect = {} }

check "nothing renews itself" { on = "renewal", rule = "renewal/lapse", given = ends "P3M", expect = { lapse = true } }

check "a week goes on by the month" {
  on = "renewal", rule = "renewal/at_least_a_month", given = ends "P7D", expect = { period = duration "P1M" },
}

check "months go on as usual" { on = "renewal", rule = "renewal/at_least_a_month", given = ends "P3M", expect = {} }
check "thirty days are a month" { on = "renewal", rule = "renewal/at_least_a_month", given = ends "P30D", expect = {} }
