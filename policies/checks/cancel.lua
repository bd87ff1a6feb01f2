-- cancel.lua: when a cancellation takes effect.

check "the catalog decides where nobody else does" {
  on = "cancel", rule = "cancel/catalog",
  given = { plan = "gold", today = date "2030-06-10", by_catalog = "immediate" },
  expect = "immediate",
}

check "at once, whatever the catalog says" {
  on = "cancel", rule = "cancel/immediate",
  given = { plan = "gold", today = date "2030-06-10", by_catalog = "end_of_term" },
  expect = "immediate",
}

check "at the end of the term, whatever the catalog says" {
  on = "cancel", rule = "cancel/end_of_term",
  given = { plan = "gold", today = date "2030-06-10", by_catalog = "immediate" },
  expect = "end_of_term",
}

check "thirty days of notice where no setting says otherwise" {
  on = "cancel", rule = "cancel/notice_period",
  given = { plan = "gold", today = date "2030-06-10", charged_through = date "2030-07-01", by_catalog = "immediate" },
  expect = "2030-07-10",
}

check "as many as the setting says, of a plan that is charged afterwards too" {
  on = "cancel", rule = "cancel/notice_period", settings = { cancel = { notice_days = 14 } },
  given = { plan = "gold", today = date "2030-06-10", by_catalog = "immediate" },
  expect = "2030-06-24",
}

check "what is charged for is served" {
  on = "cancel", rule = "cancel/notice_period",
  given = { plan = "gold", today = date "2030-06-10", charged_through = date "2031-06-01", by_catalog = "immediate" },
  expect = "end_of_term",
}

for _, name in ipairs { "cancel/catalog", "cancel/immediate", "cancel/end_of_term", "cancel/notice_period" } do
  check("what is illegal stays so: " .. name) {
    on = "cancel", rule = name,
    given = { plan = "gold", today = date "2030-06-10", by_catalog = "illegal" },
    expect = "illegal",
  }
end
