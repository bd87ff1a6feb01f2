-- invariant_list.lua: loads schema/invariants.lua and the files beside it, in the order of `files`, into plain, checked rows
-- and the statements behind them.
--
--   local list = dofile(here .. "invariant_list.lua")(schema, sql, records, schema_dir)
--   list                 -- array of { name, object, number, scope, walk, states, statement, procedure, numbers, content }
--   list.walks           -- array of { name, statement }, audit first
--   list.statements      -- array as sql.statements gives them

local files = { "invariants", "invariants_billing", "invariants_subscriptions", "invariants_components", "invariants_store" }

return function(schema, sql, records, schema_dir)
  local list, walks, statements = { walks = {} }, {}, {}
  list.statements = statements

  local function fail_unless(condition, format, ...)
    if not condition then schema.fail("invariants.lua: " .. format, ...) end
  end

  local function range(alias)
    local dot = alias ~= "" and alias .. "." or ""
    return ("%stenant_id = $1 AND %saccount_id >= $2 AND %saccount_id < $3"):format(dot, dot, dot)
  end

  local function add_statement(name, doc, text, global)
    statements[#statements + 1] =
      { name = name, doc = doc, text = text, global = global, where = "invariants.lua: " .. name }
    return name
  end

  -- Gives the key after a chunk of so many rows.
  local function walk_to(name)
    if walks[name] then return end
    walks[name] = true
    local global = name == "idempotency"
    local record = records.by_name[name]
    fail_unless(global or (record and record.stored), "walk '%s' is not a stored record", name)
    local key, table_name = global and "id" or sql.name(record.stored.key[1]), sql.name(name)
    local text = ("SELECT %s FROM %s WHERE tenant_id = $1 AND %s >= $2 ORDER BY %s LIMIT 1 OFFSET $3")
    if global then text = "SELECT %s FROM %s WHERE %s >= $1 ORDER BY %s LIMIT 1 OFFSET $2" end
    local statement = add_statement("walk_" .. name, "the key after a chunk", text:format(key, table_name, key, key), global)
    list.walks[#list.walks + 1] = { name = name, statement = statement }
  end

  local function texts_of(record)
    local texts = {}
    for _, field in ipairs(record.columns) do
      if field.kind == "text" or field.kind == "json" or field.kind == "record" or field.kind == "list" then
        texts[#texts + 1] = ("coalesce(r.%s, '')"):format(sql.name(field.name))
      end
    end
    return texts
  end

  local function fits(each, record)
    if each == "table" or each == "tenant" then return true end
    if each == "text" then return #texts_of(record) > 0 end
    -- Audit rows are numbered by a series without gaps instead, service terms have the ids of their subscriptions.
    local counted = record.name ~= "audit" and record.name ~= "service_term"
    if each == "id" then return record.stored.key[#record.stored.key] == "id" and counted end
    return record.by_name[each] ~= nil
  end

  local function add(name, body, record)
    local full = "check_" .. name .. (record and "_" .. record.name or "")
    local text, walk = body.sql, body.walk
    if record then
      local key = record.stored.key[1]
      if body.scope ~= "store" then walk = key == "account_id" and "account" or record.name end
      local words = { name = record.name, table = sql.name(record.name), key = sql.name(key),
                      last = sql.name(record.stored.key[#record.stored.key]),
                      texts = table.concat(texts_of(record), " || ' | ' || ") }
      text = text:gsub("<(%l+)>", words)
    end
    text = text:gsub("<range ?(%l*)>", range)
    if walk then walk_to(walk) end
    list[#list + 1] = {
      name = name, object = record and record.name, number = body.number, scope = body.scope, walk = walk,
      states = body.states, statement = add_statement(full, body.states, text, body.scope == "store"),
      procedure = body.procedure, numbers = body.numbers or false, content = body.content or false,
    }
  end

  local function read(name, body)
    fail_unless(math.type(body.number) == "integer", "%s: number is missing", name)
    fail_unless(body.scope == "account" or body.scope == "tenant" or body.scope == "store", "%s: scope '%s'", name, body.scope)
    fail_unless(body.sql and body.states, "%s: sql and states are needed", name)
    fail_unless(body.scope == "store" or body.walk or body.each, "%s: walk is missing", name)
    if not body.each then return add(name, body) end
    for _, record in ipairs(records) do
      if record.stored and not record.stored.global and fits(body.each, record) then add(name, body, record) end
    end
  end

  -- A schema may have none (those of the generators' own tests).
  local file = io.open(schema_dir .. "/invariants.lua")
  if not file then return list end
  file:close()

  walk_to("audit") -- first: it tells which tenants had fixtures
  local environment = { invariant = function(name)
    return function(body) read(name, body) end
  end }
  for _, name in ipairs(files) do
    local chunk, message = loadfile(schema_dir .. "/" .. name .. ".lua", "t", environment)
    fail_unless(chunk, "%s", message)
    chunk()
  end
  return list
end
