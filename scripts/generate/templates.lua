-- templates.lua: embeds the shipped templates (policies/**/*.html) into templates.gen.h and templates.gen.c.
-- Usage: lua5.4 templates.lua POLICIES_DIR OUT_DIR

local embed = dofile((arg[0]:match("^(.*/)") or "./") .. "embed.lua")

embed { name = "template", plural = "templates", extension = "html", example = "template/invoice.html" }
