-- mail.lua: what DaddyHost writes to its customers.

rule "thank the payer" {
  post = "invoice.settle",
  run = function (invoice, ctx)
    ctx:send("mail", {
      to = invoice.account.email,
      template = "thanks",
      number = invoice.number,
      paid = invoice.total,
    })
  end,
}
