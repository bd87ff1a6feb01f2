rule "names are long" {
  pre = "account.create",
  run = function (account, ctx)
    if #account.name < 3 then
      ctx:reject("too_short", "A name has three letters at least.")
    end
    if account.name == "Broken" then
      local card = account.notes
      account.email = card.owner
    end
    if account.name == "Endless" then
      while true do end
    end
    ctx:note("taken")
  end,
}
