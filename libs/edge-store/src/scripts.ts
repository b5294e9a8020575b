/*
 * Everything an edge holds about one identity is one hash in Redis: `floor`, the version below which nothing is taken any
 * more; and for each projection, by its id, `m:<id>` "<version> <expires at, epoch ms> <generation>", where time alone
 * changes it with " <until when it stays so, epoch ms>", and `b:<id>`, the projected entity as JSON text. Versions and times stay texts where they are written: Lua would round them.
 */

const begin = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function meta(id)
  local text = redis.call('HGET', KEYS[1], 'm:' .. id)
  if not text then return nil end
  local version, expires = string.match(text, '^(%d+) (%d+) ')
  return { version = tonumber(version), expires = tonumber(expires) }
end
local function write(id, version, expires, generation, body)
  local text = version .. ' ' .. string.format('%.0f', expires) .. ' ' .. generation
  redis.call('HSET', KEYS[1], 'm:' .. id, text, 'b:' .. id, body)
end
local version = tonumber(ARGV[1])
if now - tonumber(ARGV[2]) > tonumber(ARGV[3]) then return -1 end
if tonumber(redis.call('HGET', KEYS[1], 'floor') or '0') > version then return 0 end
`;

/**
 * Brings everything that is held about one identity to one moment: takes the given projections, drops those not given, and
 * from then on nothing older. What is newer already stays.
 *
 * ARGV: version, when it was current (epoch ms), how old it may be at most (ms), how long the floor stays (ms); then for
 * each projection its id, generation, time to live (ms), `held` where it is only wanted while it is held, and the entity.
 * Gives 1 when done, 0 when something newer was here before, -1 when it is too old.
 */
export const PUSH = `${begin}
local last = now + tonumber(ARGV[4])
local given = {}
for place = 5, #ARGV, 5 do
  local id, generation, ttl, body = ARGV[place], ARGV[place + 1], tonumber(ARGV[place + 2]), ARGV[place + 4]
  local known = meta(id)
  local isHeld = known and known.expires > now
  local isWanted = isHeld or ARGV[place + 3] ~= 'held'
  if isWanted and not (known and known.version > version) then
    local expires = now + ttl
    if ARGV[place + 3] == 'held' then expires = math.min(known.expires, expires) end
    write(id, ARGV[1], expires, generation, body)
    given['m:' .. id] = true
    last = math.max(last, expires)
  end
end
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  if string.sub(field, 1, 2) == 'm:' and not given[field] then
    local id = string.sub(field, 3)
    local known = meta(id)
    if known.version > version then last = math.max(last, known.expires)
    else redis.call('HDEL', KEYS[1], field, 'b:' .. id) end
  end
end
redis.call('HSET', KEYS[1], 'floor', ARGV[1])
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', last))
return 1`;

/**
 * Takes one projection that was asked for, unless something newer is known. ARGV: version, when it was current (epoch ms),
 * how old it may be at most (ms), id, generation, time to live (ms), entity. Gives what {@link PUSH} gives.
 */
export const FILL = `${begin}
local known = meta(ARGV[4])
if known and known.version > version then return 0 end
local ttl = tonumber(ARGV[6])
write(ARGV[4], ARGV[1], now + ttl, ARGV[5], ARGV[7])
if redis.call('PTTL', KEYS[1]) < ttl then redis.call('PEXPIRE', KEYS[1], ttl) end
return 1`;

/** Keeps a text with its version, unless a newer one is kept. ARGV: version, text. */
export const KEEP = `
local known = redis.call('GET', KEYS[1])
if known and tonumber(string.match(known, '^%d+')) > tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2])
return 1`;
