-- Sends the same case again and again, each time with an e-mail address that was never used before.
local threads = 0
local before, after, prefix

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  local file = assert(io.open(args[1], "r"))
  local body = file:read("*a")
  file:close()
  local from, to = body:find("@@EMAIL@@", 1, true)
  before, after = body:sub(1, from - 1), body:sub(to + 1)
  prefix = string.format("%s-%d-%d-", args[2], os.time(), number)
  count = 0
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  count = count + 1
  return wrk.format(nil, nil, nil, before .. prefix .. count .. "@example.com" .. after)
end

dofile(os.getenv("BENCH_DONE"))
