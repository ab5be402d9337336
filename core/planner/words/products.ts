// Names of well-known self-hosted software. A word in this list that the catalogue does not have is another product,
// never a slip for one that it has: "readarr" must not become "radarr". Also the nicknames by which people call some.

export const products: ReadonlySet<string> = new Set(
  `adguard adguardhome airsonic alertmanager ansible apache apprise archivebox arr audiobookshelf authelia authentik awx
  baikal bazarr beszel bitwarden blackbox blocky bookstack borg borgmatic borgbackup bunkerweb caddy cadvisor calibre calibreweb
  changedetection checkmk chronograf clickhouse cloudflared cockpit code-server codeserver collabora concourse consul coredns
  couchdb couchpotato crafty crowdsec dashy deluge diun dnsmasq docker dockge docuseal dokku dokuwiki dozzle drone duplicati duplicacy
  elasticsearch elastic emby esphome etcd etherpad excalidraw fail2ban filebrowser filebeat firefly firefox-sync flame flannel
  fluentd fluentbit focalboard forgejo freshrss freenas frigate ghost gitea gitee gitlab gitness glances glance gogs goaccess gotify gotosocial
  grafana graphite graylog grocy guacamole haproxy harbor hassio headscale healthchecks hedgedoc heimdall hoarder homarr homeassistant
  homebox homebridge homepage homer huginn immich influxdb influx invidious invoiceninja jackett jaeger jellyfin jellyseerr
  jenkins jitsi joplin k3s k8s kafka kavita keycloak kibana kimai komga kong kopia kubernetes ldap leantime libreddit
  librenms librespeed lidarr linkding linkwarden listmonk loki logstash lychee mailcow mailhog mailpit mariadb mastodon matomo matrix
  mattermost mealie memcached memos metabase metube miniflux minio minecraft mongodb mongo monica mosquitto motioneye mqtt munin
  mylar mysql n8n nagios navidrome neo4j netbird netbox netdata nextcloud nfs nginx nitter nocodb nodered node-red nomad npm ntfy ntopng
  nzbget nzbhydra octoprint olivetin ollama ombi onlyoffice openhab openldap opensearch openvpn openwebui organizr outline overseerr
  owncloud owntracks paperless paperlessngx penpot peertube photoprism photostructure pihole pixelfed plausible plex podgrab pomerium
  portainer portus postfix postgres postgresql powerdns privatebin promtail prometheus proxmox prowlarr qbittorrent rabbitmq radarr
  radicale rallly readarr recyclarr redis redmine reddit restic rocketchat rundeck rsyslog rustdesk sabnzbd samba scrutiny scrypted seafile
  searx searxng semaphore sentry shaarli shinobi shiori shlink sickchill smokeping snapcast snipeit sonarqube sonarr speedtest squid
  stalwart statping stirling stirlingpdf strapi swag syncthing syslog tailscale tandoor tautulli tdarr technitium telegraf tempo
  thanos tika traccar traefik transmission trilium truenas tubearchivist unbound unifi unmanic untangle upsnap uptimekuma valkey vault
  vaultwarden verdaccio victoriametrics vikunja wallabag wallos watchtower webmin wekan whisparr whoogle whoami wikijs windmill
  wireguard woodpecker wordpress xwiki yacht zabbix zigbee2mqtt zipline zitadel znc zoneminder zookeeper zulip zwave`
    .split(/\s+/)
    .map((name) => name.replace(/[^a-z0-9]/g, '')),
);

/** What people say for a product, without spaces, to its name without spaces. Used only where the catalogue has that name. */
export const nicknames: ReadonlyMap<string, string> = new Map([
  ['ha', 'homeassistant'],
  ['hass', 'homeassistant'],
  ['haos', 'homeassistant'],
  ['k8s', 'kubernetes'],
  ['wg', 'wireguard'],
  ['pg', 'postgresql'],
  ['pgsql', 'postgresql'],
  ['psql', 'postgresql'],
  ['postgres', 'postgresql'],
  ['postgresql', 'postgres'],
  ['mongo', 'mongodb'],
  ['influx', 'influxdb'],
  ['prom', 'prometheus'],
  ['npm', 'nginxproxymanager'],
  ['vw', 'vaultwarden'],
  ['bw', 'bitwarden'],
  ['qbit', 'qbittorrent'],
  ['sab', 'sabnzbd'],
  ['adguard', 'adguardhome'],
  ['paperless', 'paperlessngx'],
  ['kuma', 'uptimekuma'],
  ['abs', 'audiobookshelf'],
  ['z2m', 'zigbee2mqtt'],
  ['unifi', 'unificontroller'],
  ['letsencrypt', 'certbot'],
  ['es', 'elasticsearch'],
  ['elastic', 'elasticsearch'],
]);
