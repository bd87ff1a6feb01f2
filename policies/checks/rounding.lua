-- rounding.lua: how an exact amount becomes money.

local answers = {
  ["rounding/half_up"] = { mode = "half_up", place = "line" },
  ["rounding/half_even"] = { mode = "half_even", place = "line" },
  ["rounding/half_up_per_invoice"] = { mode = "half_up", place = "invoice" },
  ["rounding/half_up_per_rate"] = { mode = "half_up", place = "rate" },
  ["rounding/cash_five"] = { mode = "half_up", place = "line", step = decimal "0.05" },
  ["rounding/tax_once"] = { mode = "half_up", place = "line", tax_place = "invoice" },
}

for name, answer in pairs(answers) do
  check(name) { on = "rounding", rule = name, given = { currency = "EUR" }, expect = answer }
end
