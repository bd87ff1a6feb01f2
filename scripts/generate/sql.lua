-- sql.lua: reads and writes SQL for the generators of statements and tables.
--
--   local sql = dofile(here .. "sql.lua")(schema)
--   local statements = sql.statements(schema_dir)   -- array of { name, doc, global, text, line }, also .by_name

return function(schema)
  local sql = {}

  -- Words that SQLite or PostgreSQL read as something else; a column or table of such a name is quoted.
  local reserved = {}
  for word in ([[
    abort action add after all alter always analyse analyze and any array as asc asymmetric attach authorization
    autoincrement before begin between binary both by cascade case cast check collate collation column commit
    concurrently conflict constraint create cross current current_catalog current_date current_role current_schema
    current_time current_timestamp current_user database default deferrable deferred delete desc detach distinct do drop
    each else end escape except exclude exclusive exists explain fail false fetch filter first following for foreign
    freeze from full generated glob grant group groups having if ignore ilike immediate in index indexed initially inner
    insert instead intersect into is isnull join key last lateral leading left like limit localtime localtimestamp match
    materialized natural no not nothing notnull null nulls of offset on only or order others outer over overlaps
    partition placing plan pragma preceding primary query raise range recursive references regexp reindex release rename
    replace restrict returning right rollback row rows savepoint select session_user set similar some symmetric table
    tablesample temp temporary then ties to trailing transaction trigger true unbounded union unique update user using
    vacuum values variadic verbose view virtual when where window with without
  ]]):gmatch("%S+") do reserved[word] = true end

  function sql.name(word)
    return reserved[word] and '"' .. word .. '"' or word
  end

  -- The columns of a stored record in column order, as an array of names ready for SQL.
  function sql.columns(record, alias)
    local names = {}
    for i, field in ipairs(record.columns) do names[i] = (alias and alias .. "." or "") .. sql.name(field.name) end
    return names
  end

  function sql.read(path)
    local file, message = io.open(path, "r")
    if not file then schema.fail("%s", message) end
    local text = file:read("a")
    file:close()
    return text
  end

  -- Calls change(piece) for every stretch of `text` outside quotes and comments; quotes stay, comments go.
  local function outside_quotes(text, change)
    local out, at = {}, 1
    while at <= #text do
      local from = text:find("['\"]", at) or #text + 1
      local comment = text:find("--", at, true) or #text + 1
      local stop = math.min(from, comment)
      out[#out + 1] = change(text:sub(at, stop - 1))
      if stop > #text then break end
      if comment < from then
        at = text:find("\n", stop, true) or #text + 1
      else
        local close = text:find(text:sub(from, from), from + 1, true) or #text
        out[#out + 1] = text:sub(from, close)
        at = close + 1
      end
    end
    return table.concat(out)
  end
  sql.outside_quotes = outside_quotes

  -- Without comments, blanks joined, no semicolon at the end: what is compiled and what a checksum covers.
  function sql.plain(text)
    local plain = outside_quotes(text, function(piece) return (piece:gsub("%s+", " ")) end)
    return (plain:gsub("%s+$", ""):gsub("^%s+", ""):gsub("%s*;$", ""))
  end

  -- Splits a file of several statements at semicolons outside quotes; each piece with the comment lines before it.
  function sql.split(text)
    local pieces, piece = {}, {}
    for line in (text .. "\n"):gmatch("(.-)\n") do
      piece[#piece + 1] = line
      if outside_quotes(line, function(part) return part end):match(";%s*$") then
        pieces[#pieces + 1] = table.concat(piece, "\n")
        piece = {}
      end
    end
    local rest = table.concat(piece, "\n")
    if sql.plain(rest) ~= "" then schema.fail("sql: no semicolon after: %s", sql.plain(rest)) end
    return pieces
  end

  -- schema/statements.sql as it is written, before {record} is expanded.
  function sql.statements(schema_dir)
    local path = schema_dir .. "/statements.sql"
    local statements, current, number = { by_name = {} }, nil, 0
    for line in (sql.read(path) .. "\n"):gmatch("(.-)\n") do
      number = number + 1
      local head = line:match("^%-%-@(.*)$")
      if head then
        local name, tags, doc = head:match("^%s*([a-z][a-z0-9_]*)%s*(%[?[a-z]*%]?)%s*:%s*(.+)$")
        if not name or not (tags == "" or tags == "[global]") then
          schema.fail("%s:%d: write '--@ name: what it answers' or '--@ name [global]: ...'", path, number)
        end
        if statements.by_name[name] then schema.fail("%s:%d: statement %s is there twice", path, number, name) end
        local where = ("%s:%d: statement %s"):format(path, number, name)
        current = { name = name, doc = doc, global = tags ~= "", lines = {}, where = where }
        statements[#statements + 1] = current
        statements.by_name[name] = current
      elseif current then
        current.lines[#current.lines + 1] = line
      elseif sql.plain(line) ~= "" then
        schema.fail("%s:%d: a statement begins with '--@ name: what it answers'", path, number)
      end
    end
    for _, statement in ipairs(statements) do statement.text = table.concat(statement.lines, "\n") end
    return statements
  end

  return sql
end
