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
