-- author.lua: embeds what helps authors of bundles (scripts/author/**) into author.gen.h and author.gen.c: tools in Lua and the
-- bundle that `moonbill new` begins with.
-- Usage: lua5.4 author.lua AUTHOR_DIR OUT_DIR

local embed = dofile((arg[0]:match("^(.*/)") or "./") .. "embed.lua")

embed {
  name = "author_file", plural = "author_files", file = "author", from = "scripts/author/", example = "new/rules/proration.lua",
  check = function (content, path)
    if path:match("%.lua$") then assert(load(content, "@" .. path, "t")) end
  end,
}
