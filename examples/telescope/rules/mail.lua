-- mail.lua: what the observatory writes to its observers: templates/mail/.

rule "the trial is over" {
  post = "subscription.phase",
  run = function (subscription, ctx)
    local account = subscription.account
    if account.email then
      ctx:send("mail", { to = account.email, template = "trial_over", name = account.name, plan = subscription.plan })
    end
  end,
}

rule "what is coming" {
  post = "invoice.upcoming",
  run = function (invoice, ctx)
    local account = invoice.account
    if account.email then
      ctx:send("mail", {
        to = account.email, template = "upcoming",
        name = account.name, amount = ctx.event.amount, date = ctx.event.effective_date, invoice = invoice,
      })
    end
  end,
}

-- Scheduled on working days: reminds of what should have been paid by now.
rule "NotificationHandler" {
  task = true,
  run = function (ctx)
    for invoice in ctx:each("invoice", { status = "open" }) do
      local account = invoice.account
      if account.email and invoice.due_date and invoice.due_date < ctx.today then
        ctx:send("mail", {
          to = account.email, template = "reminder",
          name = account.name, number = invoice.number, balance = invoice.balance, due = invoice.due_date,
          attachments = { { invoice = invoice.id } },
        })
      end
    end
  end,
}
