-- change.lua: when a change of plan takes effect.

check "the catalog decides where nobody else does" {
  on = "change", rule = "change/catalog",
  given = { plan = "gold", new_plan = "silver", today = date "2030-06-10", by_catalog = "start_of_term" },
  expect = "start_of_term",
}

check "at once, whatever the catalog says" {
  on = "change", rule = "change/immediate",
  given = { plan = "gold", new_plan = "silver", today = date "2030-06-10", by_catalog = "end_of_term" },
  expect = "immediate",
}

check "at the end of the term, whatever the catalog says" {
  on = "change", rule = "change/end_of_term",
  given = { plan = "gold", new_plan = "silver", today = date "2030-06-10", by_catalog = "immediate" },
  expect = "end_of_term",
}

for _, name in ipairs { "change/catalog", "change/immediate", "change/end_of_term" } do
  check("what is illegal stays so: " .. name) {
    on = "change", rule = name,
    given = { plan = "gold", new_plan = "silver", today = date "2030-06-10", by_catalog = "illegal" },
    expect = "illegal",
  }
end
