-- Posts the same query again and again; what may not be the same twice is numbered.
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
  local from, to = body:find("@@NUMBER@@", 1, true)
  before, after = body, nil
  if from then
    before, after = body:sub(1, from - 1), body:sub(to + 1)
  end
  prefix = string.format("%d-%d-", os.time(), number)
  count = 0
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  count = count + 1
  return wrk.format(nil, nil, nil, after and before .. prefix .. count .. after or before)
end

dofile(os.getenv("BENCH_DONE"))
