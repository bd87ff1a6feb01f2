-- mail.lua: what DaddyHost writes to its customers: templates/mail/.

rule "thank the payer" {
  post = "invoice.settle",
  run = function (invoice, ctx)
    if invoice.account.email then
      ctx:send("mail", {
        to = invoice.account.email,
        template = "thanks",
        name = invoice.account.name,
        number = invoice.number,
        paid = invoice.total,
        attachments = { { invoice = invoice.id } },
      })
    end
  end,
}
