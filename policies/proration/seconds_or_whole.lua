-- seconds_or_whole.lua: pay for each second of service; a service without length is paid in full.
--
-- As seconds, but a part that begins and ends at one moment is a whole price: a flat fee whose service period is a
-- moment is no part of anything.
--
-- Source: OpenMeter, flat fees.

rule "proration/seconds_or_whole" {
  policy = "proration",
  doc = "As seconds; a moment's service is paid in full.",
  run = function (change)
    local served = change.seconds_left or change.days_left * 86400
    local whole = change.seconds_in_period or change.days_in_period * 86400
    if served == 0 or served >= whole then
      return change.price
    end
    return change.price:portion(served, whole)
  end,
}
