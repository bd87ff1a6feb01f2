-- parse.lua: Lua source into a tree, for lint.lua and cover.lua. Lua 5.4 as rules have it.
--
--   local tree = parse(source)   -- a block; raises { line = N, message = "..." } where it is no Lua
--
-- A node has tag, line and from (the place of its first byte), an expression also to (its last byte):
--   expressions  nil true false number string vararg function name index call method table binary unary paren
--   statements   local localfunction assign call do while repeat if fornum forin function return break goto label
-- A block is a list of statements with from and to (the place behind its last token).

local KEYWORDS = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat return then true until while]]):gmatch("%a+") do
  KEYWORDS[word] = true
end

-- Left and right priority, as Lua's own parser has them.
local BINARY = {
  ["or"] = { 1, 1 }, ["and"] = { 2, 2 },
  ["<"] = { 3, 3 }, [">"] = { 3, 3 }, ["<="] = { 3, 3 }, [">="] = { 3, 3 }, ["~="] = { 3, 3 }, ["=="] = { 3, 3 },
  ["|"] = { 4, 4 }, ["~"] = { 5, 5 }, ["&"] = { 6, 6 }, ["<<"] = { 7, 7 }, [">>"] = { 7, 7 },
  [".."] = { 9, 8 }, ["+"] = { 10, 10 }, ["-"] = { 10, 10 },
  ["*"] = { 11, 11 }, ["/"] = { 11, 11 }, ["//"] = { 11, 11 }, ["%"] = { 11, 11 }, ["^"] = { 14, 13 },
}
local UNARY, UNARY_PRIORITY = { ["not"] = true, ["-"] = true, ["#"] = true, ["~"] = true }, 12

-- ------------------------------------------------------------------------------------------------- tokens

local function fail(line, message)
  error({ line = line, message = message }, 0)
end

local ESCAPES = { n = "\n", t = "\t", r = "\r", a = "\a", b = "\b", f = "\f", v = "\v", ["\\"] = "\\", ['"'] = '"', ["'"] = "'" }

-- The text that a quoted string stands for, as far as rules need it: what is rare stays as it is written.
local function unescape(text)
  return (text:gsub("\\(.)", function (letter) return ESCAPES[letter] or "\\" .. letter end))
end

local function lex(source)
  local tokens, at, line = {}, 1, 1
  local function add(kind, value, from, to)
    tokens[#tokens + 1] = { kind = kind, value = value, line = line, from = from, to = to }
  end
  local function lines_of(from, to)
    for _ in source:sub(from, to):gmatch("\n") do line = line + 1 end
  end
  while at <= #source do
    local blank = source:match("^%s+", at)
    if blank then
      lines_of(at, at + #blank - 1)
      at = at + #blank
    elseif source:find("^%-%-", at) then
      local level = source:match("^%-%-%[(=*)%[", at)
      local _, to
      if level then
        _, to = source:find("]" .. level .. "]", at, true)
      else
        to = (source:find("\n", at, true) or #source + 1) - 1
      end
      to = to or #source
      lines_of(at, to)
      at = to + 1
    elseif source:find("^%[=*%[", at) then
      local level = source:match("^%[(=*)%[", at)
      local _, to = source:find("]" .. level .. "]", at, true)
      if not to then fail(line, "a long text has no end") end
      add("string", source:sub(at + #level + 2, to - #level - 2), at, to)
      lines_of(at, to)
      at = to + 1
    elseif source:find("^[%a_]", at) then
      local word = source:match("^[%w_]+", at)
      add(KEYWORDS[word] and word or "name", word, at, at + #word - 1)
      at = at + #word
    elseif source:find("^%.?%d", at) then
      local number = source:match("^0[xX][%x%.]*[pP][%+%-]?%x*", at) or source:match("^0[xX][%x%.]*", at)
        or source:match("^[%d%.]+[eE][%+%-]?%d*", at) or source:match("^[%d%.]+", at)
      add("number", number, at, at + #number - 1)
      at = at + #number
    elseif source:find("^[\"']", at) then
      local quote, to = source:sub(at, at), at + 1
      while source:sub(to, to) ~= quote do
        if to > #source then fail(line, "a text has no end") end
        to = to + (source:sub(to, to) == "\\" and 2 or 1)
      end
      add("string", unescape(source:sub(at + 1, to - 1)), at, to)
      lines_of(at, to)
      at = to + 1
    else
      local sign = source:match("^%.%.%.", at) or source:match("^%.%.", at) or source:match("^[=~<>]=", at)
        or source:match("^//", at) or source:match("^::", at) or source:match("^<<", at) or source:match("^>>", at)
        or source:sub(at, at)
      if not sign:find("^[%+%-%*/%%%^#&~|<>=%(%){}%[%];:,%.]") then fail(line, "unexpected '" .. sign .. "'") end
      add(sign, sign, at, at + #sign - 1)
      at = at + #sign
    end
  end
  tokens[#tokens + 1] = { kind = "<end>", value = "the end of the file", line = line, from = #source + 1, to = #source }
  return tokens
end

-- ------------------------------------------------------------------------------------------------- the parser

return function (source)
  local tokens, at = lex(source), 1
  local expression, block

  local function peek(kind) return tokens[at].kind == kind end
  local function take()
    at = at + 1
    return tokens[at - 1]
  end
  local function accept(kind)
    if peek(kind) then return take() end
  end
  local function need(kind)
    if not peek(kind) then fail(tokens[at].line, ("'%s' expected near '%s'"):format(kind, tokens[at].value)) end
    return take()
  end
  local function node(tag, token, fields)
    fields.tag, fields.line, fields.from = tag, token.line, token.from
    return fields
  end
  local function close(made)
    made.to, made.last_line = tokens[at - 1].to, tokens[at - 1].line
    return made
  end
  local function expressions()
    local list = { expression() }
    while accept(",") do list[#list + 1] = expression() end
    return list
  end

  local function parameters()
    local names, vararg = {}, false
    need("(")
    while not peek(")") do
      if accept("...") then vararg = true break end
      local name = need("name")
      names[#names + 1] = node("name", name, { name = name.value, to = name.to })
      if not accept(",") then break end
    end
    need(")")
    return names, vararg
  end

  local function func(token)
    local names, vararg = parameters()
    local made = node("function", token, { parameters = names, vararg = vararg, body = block() })
    need("end")
    return close(made)
  end

  local function constructor()
    local made = node("table", need("{"), { items = {} })
    while not peek("}") do
      local first, item = tokens[at], nil
      if accept("[") then
        item = { key = expression() }
        need("]")
        need("=")
      elseif first.kind == "name" and tokens[at + 1].kind == "=" then
        item = { name = take().value, key_line = first.line }
        take()
      else
        item = {}
      end
      item.value = expression()
      made.items[#made.items + 1] = item
      if not (accept(",") or accept(";")) then break end
    end
    need("}")
    return close(made)
  end

  local function arguments()
    if peek("string") then
      local token = take()
      return { node("string", token, { value = token.value, to = token.to }) }
    end
    if peek("{") then return { constructor() } end
    need("(")
    local list = peek(")") and {} or expressions()
    need(")")
    return list
  end

  local function suffixed()
    local first, made = tokens[at], nil
    if accept("(") then
      made = node("paren", first, { inner = expression() })
      need(")")
      close(made)
    else
      local name = need("name")
      made = node("name", name, { name = name.value, to = name.to })
    end
    while true do
      if accept(".") then
        local name = need("name")
        made = node("index", first, { object = made, name = name.value, name_line = name.line })
      elseif accept("[") then
        made = node("index", first, { object = made, key = expression() })
        need("]")
        if made.key.tag == "string" then made.name, made.name_line = made.key.value, made.key.line end
      elseif accept(":") then
        local name = need("name")
        made = node("method", first, { object = made, name = name.value, name_line = name.line, arguments = arguments() })
      elseif peek("(") or peek("string") or peek("{") then
        made = node("call", first, { callee = made, arguments = arguments() })
      else
        return made
      end
      close(made)
    end
  end

  local LITERALS = { ["nil"] = true, ["true"] = true, ["false"] = true, ["..."] = "vararg" }
  local function simple()
    local token = tokens[at]
    if token.kind == "number" or token.kind == "string" then
      take()
      return node(token.kind, token, { value = token.value, to = token.to })
    elseif LITERALS[token.kind] then
      take()
      return node(LITERALS[token.kind] == true and token.kind or "vararg", token, { to = token.to })
    elseif token.kind == "{" then
      return constructor()
    elseif token.kind == "function" then
      return func(take())
    elseif token.kind == "name" or token.kind == "(" then
      return suffixed()
    end
    fail(token.line, ("unexpected '%s'"):format(token.value))
  end

  local function operand(limit)
    local first, made = tokens[at], nil
    if UNARY[first.kind] then
      take()
      made = close(node("unary", first, { operator = first.kind, operand = operand(UNARY_PRIORITY) }))
    else
      made = simple()
    end
    while BINARY[tokens[at].kind] and BINARY[tokens[at].kind][1] > limit do
      local operator = take()
      made = close(node("binary", first, { operator = operator.kind, operator_line = operator.line, left = made,
        right = operand(BINARY[operator.kind][2]) }))
    end
    return made
  end
  expression = function () return operand(0) end

  -- ------------------------------------------------------------------------------------------------- statements

  local statements = {}

  statements["if"] = function (token)
    local made = node("if", token, { clauses = {} })
    repeat
      local condition = expression()
      need("then")
      made.clauses[#made.clauses + 1] = { condition = condition, block = block(), line = condition.line }
    until not accept("elseif")
    if accept("else") then made.otherwise = block() end
    made.end_from = need("end").from
    return made
  end

  statements["while"] = function (token)
    local made = node("while", token, { condition = expression() })
    need("do")
    made.block = block()
    need("end")
    return made
  end

  statements["repeat"] = function (token)
    local made = node("repeat", token, { block = block() })
    need("until")
    made.condition = expression()
    return made
  end

  statements["do"] = function (token)
    local made = node("do", token, { block = block() })
    need("end")
    return made
  end

  statements["for"] = function (token)
    local name = need("name")
    local names = { node("name", name, { name = name.value, to = name.to }) }
    local made
    if accept("=") then
      made = node("fornum", token, { names = names, values = expressions() })
    else
      while accept(",") do
        name = need("name")
        names[#names + 1] = node("name", name, { name = name.value, to = name.to })
      end
      need("in")
      made = node("forin", token, { names = names, values = expressions() })
    end
    need("do")
    made.block = block()
    need("end")
    return made
  end

  statements["function"] = function (token)
    local name = need("name")
    local target = node("name", name, { name = name.value, to = name.to })
    local method = false
    while peek(".") or peek(":") do
      method = take().kind == ":"
      local member = need("name")
      target = node("index", name, { object = target, name = member.value, name_line = member.line })
    end
    return node("function", token, { target = target, method = method, value = func(token), statement = true })
  end

  statements["local"] = function (token)
    if accept("function") then
      local name = need("name")
      return node("localfunction", token, { name = node("name", name, { name = name.value, to = name.to }), value = func(token) })
    end
    local made = node("local", token, { names = {}, values = {} })
    repeat
      local name = need("name")
      made.names[#made.names + 1] = node("name", name, { name = name.value, to = name.to })
      if accept("<") then
        need("name")
        need(">")
      end
    until not accept(",")
    if accept("=") then made.values = expressions() end
    return made
  end

  statements["return"] = function (token)
    local made = node("return", token, { values = {} })
    local ends = peek("end") or peek("else") or peek("elseif") or peek("until") or peek("<end>") or peek(";")
    if not ends then made.values = expressions() end
    accept(";")
    return made
  end

  statements["break"] = function (token) return node("break", token, {}) end
  statements["goto"] = function (token) return node("goto", token, { name = need("name").value }) end
  statements["::"] = function (token)
    local made = node("label", token, { name = need("name").value })
    need("::")
    return made
  end

  local function plain()
    local first = tokens[at]
    local made = suffixed()
    if peek("=") or peek(",") then
      local targets = { made }
      while accept(",") do targets[#targets + 1] = suffixed() end
      need("=")
      return node("assign", first, { targets = targets, values = expressions() })
    end
    if made.tag ~= "call" and made.tag ~= "method" then
      fail(first.line, ("a statement expected near '%s'"):format(tokens[at].value))
    end
    return node("do_call", first, { call = made })
  end

  block = function ()
    local made = { from = tokens[at].from, line = tokens[at].line }
    while not (peek("end") or peek("else") or peek("elseif") or peek("until") or peek("<end>")) do
      if not accept(";") then
        local statement = statements[tokens[at].kind] and statements[tokens[at].kind](take()) or plain()
        made[#made + 1] = statement
        statement.to = tokens[at - 1].to
        if statement.tag == "return" then break end
      end
    end
    made.to = tokens[at].from - 1
    return made
  end

  local tree = block()
  if not peek("<end>") then fail(tokens[at].line, ("unexpected '%s'"):format(tokens[at].value)) end
  return tree
end
