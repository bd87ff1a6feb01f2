-- policies.lua: embeds the shipped policies (policies/**/*.lua but their checks) into policies.gen.h and policies.gen.c.
-- Usage: lua5.4 policies.lua POLICIES_DIR OUT_DIR

local embed = dofile((arg[0]:match("^(.*/)") or "./") .. "embed.lua")

embed {
  name = "policy", plural = "policies", extension = "lua", without = "checks", example = "proration/inclusive_days.lua",
  check = function (content, path) assert(load(content, "@" .. path, "t")) end,
}
