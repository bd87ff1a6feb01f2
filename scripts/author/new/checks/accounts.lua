-- accounts.lua: what rules/accounts.lua does with what it is given.

check "an account without an address is refused" {
  on = "account.create",
  given = { name = "Edwin" },
  expect = { rejected = "email_required" },
}

check "an account with one is taken as it is" {
  on = "account.create",
  given = { name = "Edwin", email = "edwin@example.com" },
  expect = { account = { name = "Edwin" } },
}
