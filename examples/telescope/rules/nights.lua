-- nights.lua: how a part of a month is paid for: every month has thirty nights.

rule "thirty nights" {
  policy = "proration",
  doc = "A night is a thirtieth of the monthly price, charged or given back.",
  run = function (part)
    if part.days_in_period > 31 then
      return part.price:portion(part.days_left, part.days_in_period)
    end
    return part.price:portion(math.min(part.days_left, 30), 30)
  end,
}
