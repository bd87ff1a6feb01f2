-- difference.lua: what a billed window comes to later is billed or given back.
--
-- Usage that was recorded late raises the amount of a window that was billed, usage that was removed lowers it. The
-- difference goes on the next invoice; below zero it takes from what that invoice charges. The tenant's setting says how
-- far back that goes:
--
--     "usage": { "windows_back": 2 }
--
--   windows_back   how many billed windows of a section can still change; older ones are kept as they were billed, and
--                  their late records show as kept. 0 or absent: all of them
--
-- Source: Kill Bill, which reads raw usage back for two periods (readMaxRawUsagePreviousPeriod) and drops the rest.

rule "usage_late/difference" {
  policy = "usage_late",
  doc = "The difference is billed or given back, as far back as the setting usage.windows_back says.",
  run = function (late, ctx)
    local most = (ctx.settings.usage or {}).windows_back or 0
    local too_old = most > 0 and late.windows_back > most
    return { action = too_old and "keep" or "bill" }
  end,
}
