-- Return events of a session's journal behind a sequence; none if some of these are not there.
--
-- KEYS[1] ss:session:<id>         hash  head, fence, standing, behind, voices, ended
-- KEYS[2] ss:session:<id>:events  list  durable events behind the sequence `behind`
-- ARGV 1 sequence · 2 how many at most

local first = tonumber(ARGV[1]) - tonumber(redis.call('HGET', KEYS[1], 'behind') or '0')
if first < 0 then return {} end
return redis.call('LRANGE', KEYS[2], first, first + tonumber(ARGV[2]) - 1)
