-- notice_period.lua: a cancellation takes effect after a period of notice, and not before what is charged for is served.
--
-- The tenant's settings say how long the notice is; 30 days when they do not:
--
--     "cancel": { "notice_days": 30 }
--
-- Asked on 10 June with 30 days of notice it ends on 10 July. Charged through to 1 August it ends then. Days after what is
-- charged for are charged as any others, a part of a period by the proration. What the catalog's rules call illegal stays so.
--
-- Source: periods of notice of contracts, as telephone and hosting contracts have them.

rule "cancel/notice_period" {
  policy = "cancel",
  doc = "After a period of notice, when what is charged for is served.",
  run = function (asked, ctx)
    if asked.by_catalog == "illegal" then return "illegal" end
    local settings = ctx.settings.cancel or {}
    local ends = asked.today + (settings.notice_days or 30)
    if asked.charged_through and asked.charged_through > ends then
      return "end_of_term"
    end
    return tostring(ends)
  end,
}
