-- payments.lua: how DaddyHost treats a card that is declined.

rule "three declines end it" {
  policy = "retry",
  run = function (failure, ctx)
    if failure.attempts >= 3 then
      return { give_up = true, cancel_invoice = true, suspend_orders = true }
    end
    return { retry_on = failure.today + 1 }
  end,
}
