-- mail.lua: what the observatory writes to its observers.

rule "the trial is over" {
  post = "subscription.phase",
  run = function (subscription, ctx)
    ctx:send("mail", { to = subscription.account.email, template = "trial_over", plan = subscription.plan })
  end,
}
