-- proration.lua: what a part of a month costs.

rule "thirty days" {
  policy = "proration",
  doc = "A day is a thirtieth of the monthly price, charged or given back.",
  ---@param part proration_change
  run = function (part)
    if part.days_in_period > 31 then
      return part.price:portion(part.days_left, part.days_in_period)
    end
    return part.price:portion(math.min(part.days_left, 30), 30)
  end,
}
