/**
 * Which addresses a message may be sent to, so that nobody reaches through this server what only this server reaches: public
 * unicast ones, by the registries of special-purpose addresses (RFC 6890, as `ipaddr.js` has them).
 */
import ipaddr from "ipaddr.js"

// What IANA has given out for unicast in IPv6; everything outside is reserved, with what older transition schemes put there.
const [globalUnicast, prefixLength] = ipaddr.IPv6.parseCIDR("2000::/3")

/**
 * Whether an address is public. Forms that carry another address (IPv4-mapped, NAT64, 6to4, Teredo) are not, whatever they
 * carry: no public host has only such.
 */
export const isPublicAddress = (text: string): boolean => {
  if (!ipaddr.isValid(text)) return false
  const address = ipaddr.parse(text)
  return (
    address.range() === "unicast" &&
    (address instanceof ipaddr.IPv4 || (!text.includes("%") && address.match(globalUnicast, prefixLength)))
  )
}
